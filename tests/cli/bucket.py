"""A server with the API of S3 on loopback: says where it is, for each line of its input what it was asked
since the last one, and, once its input ends, what it keeps."""

import json
import sys

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer

asked = []
answer = DomainDispatcherApplication.__call__


def noted(self, environ, start_response):
    asked.append([environ["REQUEST_METHOD"], environ["PATH_INFO"]])
    return answer(self, environ, start_response)


DomainDispatcherApplication.__call__ = noted
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="testing",
    aws_secret_access_key="testing",
)
s3.create_bucket(Bucket="certctl-state")
asked.clear()
print(endpoint, flush=True)
for _ in sys.stdin:
    print(json.dumps(asked), flush=True)
    asked.clear()
kept = {}
for entry in s3.list_objects_v2(Bucket="certctl-state").get("Contents", []):
    head = s3.head_object(Bucket="certctl-state", Key=entry["Key"])
    kept[entry["Key"]] = [head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")]
print(json.dumps(kept))
server.stop()
