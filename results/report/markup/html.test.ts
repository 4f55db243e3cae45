import { expect, it } from "vitest";
import { html, trusted } from "./html.ts";

it("escapes every value in a template", () => {
  expect(html`<b title="${`"'`}">${"<script>&"}</b>`.markup).toBe('<b title="&quot;&#39;">&lt;script&gt;&amp;</b>');
  expect(html`${["<", [">"]]}`.markup).toBe("&lt;&gt;");
});

it("inserts markup unchanged, and nothing for undefined and false", () => {
  expect(html`${html`<b>${1}</b>`}${trusted("<i>")}${undefined}${false}${""}${0}`.markup).toBe("<b>1</b><i>0");
});

it("removes the indentation of the template, not of the values", () => {
  const texts = Object.assign(["<p>\n    ", "\n  </p>"], { raw: [] });
  expect(html(texts, "a\n  b").markup).toBe("<p>\na\n  b\n</p>");
});
