import { expect, test } from "vitest";
import { originOf } from "./location.js";

const aws = {
  bucket: "images",
  region: "eu-west-1",
  endpoint: undefined,
  publicEndpoint: undefined,
  pathStyle: false,
  prefix: "",
  singleServer: false,
};

test("a page may send parts to the bucket, by the name that clients know", () => {
  expect(originOf(aws)).toBe("https://images.s3.eu-west-1.amazonaws.com");
  const own = { ...aws, endpoint: "http://ceph:7480/", pathStyle: true };
  expect(originOf(own)).toBe("http://ceph:7480");
  expect(originOf({ ...own, publicEndpoint: "https://store.example.com" })).toBe(
    "https://store.example.com",
  );
});
