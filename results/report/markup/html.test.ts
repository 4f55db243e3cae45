import { expect, it } from "vitest";
import { html, trusted } from "./html.ts";

it("escapes whatever is put into markup", () => {
  expect(html`<b title="${`"'`}">${"<script>&"}</b>`.markup).toBe('<b title="&quot;&#39;">&lt;script&gt;&amp;</b>');
  expect(html`${["<", [">"]]}`.markup).toBe("&lt;&gt;");
});

it("takes markup as it is, and nothing for nothing", () => {
  expect(html`${html`<b>${1}</b>`}${trusted("<i>")}${undefined}${false}${""}${0}`.markup).toBe("<b>1</b><i>0");
});

it("drops the indentation of its own text only", () => {
  const texts = Object.assign(["<p>\n    ", "\n  </p>"], { raw: [] });
  expect(html(texts, "a\n  b").markup).toBe("<p>\na\n  b\n</p>");
});
