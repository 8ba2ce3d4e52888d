import { expect, test } from "vitest";
import { checkName } from "./image-name.js";

test.each([
  ["my disk üni.img", "my-disk-uni.img"],
  ["-.img", "image.img"],
  ["日本.img", "image.img"],
  ["日本", "image"],
])("who names an image %j is told of the name %j", (given, possible) => {
  expect(() => checkName(given)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining("No image can be named") as string,
      advice: `For example: --name ${possible}`,
    }),
  );
  expect(() => checkName(possible)).not.toThrow();
});
