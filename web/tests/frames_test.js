// Served tiles: the most urgent first, few at once, kept, and failures told.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ServedFrames } from "../frames.js";

const tile = { level: 0, row: 0, column: 0, left: 0, top: 0, right: 2, bottom: 2 };
const at = (image) => ({ image, tile });
const settled = () => new Promise((go_on) => setTimeout(go_on, 5));
let asked; // [image, answer(status, bytes)]

beforeEach(() => {
  asked = [];
  globalThis.fetch = (address) =>
    new Promise((resolve, reject) => {
      const answer = (status, bytes = 4) => {
        const headers = new Headers({ "x-kinema-type": "u8" });
        const text = () => Promise.resolve("what went wrong");
        resolve({ ok: status === 200, status, headers, text, arrayBuffer: () => Promise.resolve(new ArrayBuffer(bytes)) });
      };
      asked.push({ image: Number(/image=(\d+)/.exec(address)[1]), answer, fail: () => reject(new TypeError("gone")) });
    });
});

function served(slow = "") {
  const came = [];
  const spec = { address: "panes/0", levels: 1, edge: 2, whole: true, slow };
  return [new ServedFrames(spec, (image) => came.push(image)), came];
}

test("two are asked for at once, and what is wanted last comes next", async () => {
  const [source, came] = served();
  source.want([1, 2, 3, 4].map(at));
  assert.deepEqual(asked.map(({ image }) => image), [1, 2]);
  source.want([9].map(at));
  asked[0].answer(200);
  await settled();
  assert.deepEqual(asked.map(({ image }) => image), [1, 2, 9]);
  assert.deepEqual(came, [1]);
});

test("a slow pane is asked for one thing at a time", () => {
  const [source] = served("decoding");
  source.want([1, 2].map(at));
  assert.equal(asked.length, 1);
});

test("what came is kept and not asked for again", async () => {
  const [source] = served();
  source.want([at(5)]);
  asked[0].answer(200);
  await settled();
  assert.equal(source.tile(5, tile).numbers.length, 4);
  source.want([at(5)]);
  assert.equal(asked.length, 1);
});

test("failures are told in words, and forgotten when asked to", async () => {
  const [source] = served();
  source.want([1, 2].map(at));
  asked[0].answer(500);
  asked[1].fail();
  await settled();
  assert.equal(source.tile(1, tile).failure, "what went wrong");
  assert.match(source.tile(2, tile).failure, /not running/);
  source.forget_failures();
  assert.equal(source.tile(1, tile), null);
});

test("a tile that came in part is a failure", async () => {
  const [source] = served();
  source.want([at(1)]);
  asked[0].answer(200, 3);
  await settled();
  assert.match(source.tile(1, tile).failure, /in part/);
});

test("the oldest tiles make room", async () => {
  const [source] = served();
  for (let image = 0; image < 5; ++image) source.keep(String(image), { numbers: { byteLength: 60e6 } });
  assert.deepEqual([...source.kept.keys()], ["2", "3", "4"]);
});
