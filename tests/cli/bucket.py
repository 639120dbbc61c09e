"""A server with the API of S3 on loopback: says where it is, and, once its input ends, what it keeps."""

import json
import sys

import boto3
from moto.server import ThreadedMotoServer

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
print(endpoint, flush=True)
sys.stdin.read()
kept = {}
for entry in s3.list_objects_v2(Bucket="certctl-state").get("Contents", []):
    head = s3.head_object(Bucket="certctl-state", Key=entry["Key"])
    kept[entry["Key"]] = [head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")]
print(json.dumps(kept))
server.stop()
