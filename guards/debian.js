// Installs the Debian packages that tests need, as root or by sudo. On systems without apt it prints what is
// missing. Tests that need a missing program are skipped, each by its name.
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
  parted: "checks of disks made by real tools",
  gdisk: "checks of disks made by real tools",
  dosfstools: "checks of disks made by real tools",
  e2fsprogs: "checks of disks made by real tools",
  mtools: "checks of disks made by real tools",
  "xz-utils": "uploads of compressed files",
  zstd: "uploads of compressed files",
  zsh: "tests of the completion in zsh",
  fish: "tests of the completion in fish",
};

const isInstalled = (name) =>
  spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name]).stdout?.toString() ===
  "installed";
const missing = () => Object.keys(packages).filter((name) => !isInstalled(name));

/** As root, or by a sudo that asks for no password, as on hosted runners. */
const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

function install(names) {
  const [program, ...before] = [...asRoot, "apt-get"];
  if (spawnSync(program, [...before, "--version"]).status !== 0) return;
  const wait = ["-qq", "-o", "DPkg::Lock::Timeout=120"];
  const options = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  try {
    execFileSync(program, [...before, ...wait, "update"], options);
    const wanted = ["install", "-y", "--no-install-recommends", ...names];
    execFileSync(program, [...before, ...wait, ...wanted], options);
  } catch (error) {
    console.error(error.message);
  }
}

const wanted = missing();
if (wanted.length > 0) install(wanted);
const left = wanted.length > 0 ? missing() : [];
for (const name of left) console.log(`Without Debian's ${name} there are no ${packages[name]}.`);
// In CI, all of them can be installed.
if (left.length > 0 && process.env.CI) process.exitCode = 1;
