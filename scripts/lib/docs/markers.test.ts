import { expect, it } from "vitest";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { markerNames, replaceSection } from "./markers.ts";

const page = "# Page\n\n<!-- table -->\n\nold\n\n<!-- /table -->\n\nText.\n\n<!-- list -->\n<!-- /list -->\n";

it("replaces the text between two markers and nothing else", () => {
  const replaced = replaceSection("page.md", page, "table", "new");
  expect(replaced).toBe(page.replace("old", "new"));
  expect(replaceSection("page.md", replaced, "table", "new")).toBe(replaced);
});

it("fills a section that is still empty", () => {
  expect(replaceSection("page.md", page, "list", "- one")).toContain("<!-- list -->\n\n- one\n\n<!-- /list -->");
});

it("names the file and the markers that it lacks", () => {
  expect(() => replaceSection("page.md", page, "curve", "")).toThrow(UserError);
  expect(() => replaceSection("page.md", page, "curve", "")).toThrow(
    "page.md lacks the markers <!-- curve --> and <!-- /curve -->",
  );
  expect(() => replaceSection("page.md", "<!-- /a -->\n<!-- a -->", "a", "")).toThrow(UserError);
});

it("lists the markers of a page in its order", () => {
  expect(markerNames(page)).toEqual(["table", "list"]);
});
