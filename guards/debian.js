// Installs what tests need from Debian, as root where apt is; elsewhere it says what is missing. Tests that
// need a missing program are skipped under its name.
import { execFileSync, spawnSync } from "node:child_process";
import console from "node:console";
import process from "node:process";

const packages = {
  "firefox-esr": "tests in Firefox",
  "webkit2gtk-driver": "tests in WebKit",
  "gir1.2-webkit2-4.1": "tests in WebKit",
  gjs: "tests in WebKit",
  xvfb: "tests in WebKit",
  "qemu-utils": "comparisons with qemu-img",
};

const isInstalled = (name) =>
  spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name]).stdout?.toString() ===
  "installed";
const missing = () => Object.keys(packages).filter((name) => !isInstalled(name));

function install(names) {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  const wait = ["-qq", "-o", "DPkg::Lock::Timeout=120"];
  const options = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  try {
    execFileSync("apt-get", [...wait, "update"], options);
    execFileSync(
      "apt-get",
      [...wait, "install", "-y", "--no-install-recommends", ...names],
      options,
    );
  } catch (error) {
    console.error(error.message);
  }
}

const wanted = missing();
if (wanted.length > 0) install(wanted);
const left = wanted.length > 0 ? missing() : [];
for (const name of left) console.log(`Without Debian's ${name} there are no ${packages[name]}.`);
// CI is a machine where all of them can be installed.
if (left.length > 0 && process.env.CI) process.exitCode = 1;
