// Reads Markdown as others do: markdown-it for the text, mermaid for the charts.
//
// Run where both are installed, with jsdom: `node rendered.mjs FILE…`. Exits non-zero on the first
// surprise, and says what was found.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.join(process.cwd(), 'here.js'));
const load = async (name) => (await import(pathToFileURL(require.resolve(name)))).default;
const { JSDOM } = require('jsdom');

// What mermaid needs of a browser to lay a chart out.
const { window } = new JSDOM('<body></body>', { pretendToBeVisual: true });
window.SVGElement.prototype.getBBox = () => ({ x: 0, y: 0, width: 100, height: 20 });
window.SVGElement.prototype.getComputedTextLength = () => 100;
const CSSStyleSheet = class {
  cssRules = [];
  insertRule() {}
  replaceSync() {}
};
Object.assign(globalThis, { window, document: window.document, CSSStyleSheet });
const mermaid = await load('mermaid');
mermaid.initialize({ startOnLoad: false });

const MarkdownIt = await load('markdown-it');
const markdown = new MarkdownIt({ html: true, linkify: true });
const ours = /^(<\/?(details|summary|code)>|<!-- certctl:[a-z]+ -->)$/;

let charts = 0;
const check = async (tokens, file) => {
  for (const token of tokens) {
    if (token.type.startsWith('html_')) {
      const tags = token.content.match(/<!--[\s\S]*?-->|<[^>]*>?/g) ?? [];
      for (const tag of tags) assert.match(tag, ours, `${file}: ${tag}`);
    }
    assert.notEqual(token.type, 'link_open', `${file}: a link`);
    assert.notEqual(token.type, 'image', `${file}: an image`);
    if (token.type === 'text') assert.doesNotMatch(token.content, /(^|\s)@[a-z]/i, file);
    if (token.type === 'fence' && token.info === 'mermaid') {
      charts += 1;
      const { svg } = await mermaid.render(`chart${charts}`, token.content);
      assert.match(svg, /<rect/, `${file}: an empty chart`);
    }
    await check(token.children ?? [], file);
  }
};

const files = process.argv.slice(2);
for (const file of files) {
  const tokens = markdown.parse(readFileSync(file, 'utf8'), {});
  const open = tokens.filter((token) => token.content.includes('<details>')).length;
  const closed = tokens.filter((token) => token.content.includes('</details>')).length;
  assert.equal(open, closed, `${file}: a fold is left open`);
  await check(tokens, file);
}
console.log(`read: ${files.length} documents, ${charts} charts`);
process.exit(0);
