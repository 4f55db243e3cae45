import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../results/model/environment.ts";
import { markerNames } from "./lib/docs/markers.ts";
import { sections } from "./lib/docs/sections.ts";

const read = (path: string): string => readFileSync(join(projectFolder, path), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
const pages = ["README.md", "servers", "clients", "scenarios", "results", "results/reference", "scripts"].map((path) =>
  path.endsWith(".md") ? path : `${path}/README.md`,
);

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  const headings = [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(pages)("%s", (page) => {
  const text = read(page);

  it("has the markers of its generated sections and no others", () => {
    expect(markerNames(text).toSorted()).toEqual(Object.keys(sections[page] ?? {}).toSorted());
  });

  it("links only to files and headings that exist", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    const broken = links.filter(([, path, anchor]) => {
      const file = path === "" ? page : join(dirname(page), path!);
      if (!existsSync(join(projectFolder, file))) return true;
      return anchor !== undefined && !anchors(read(file)).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it("names only commands of package.json", () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it("names only files and folders of the project that exist", () => {
    const paths = [...text.matchAll(/`((?:servers|clients|scenarios|results|scripts)\/[\w./-]*)`/g)].map(
      ([, path]) => path!,
    );
    const made = /my-transport|results\/runs/;
    expect(paths.filter((path) => !made.test(path) && !existsSync(join(projectFolder, path)))).toEqual([]);
  });
});

it("scripts/README.md describes every command of package.json", () => {
  const described = [...read("scripts/README.md").matchAll(/^\| `([a-z:-]+)`/gm)].map(([, name]) => name!);
  expect(described.toSorted()).toEqual(Object.keys(scripts).toSorted());
});

it("README.md has at most 170 lines", () => {
  expect(read("README.md").split("\n").length).toBeLessThanOrEqual(171);
});
