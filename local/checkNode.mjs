// Loaded before every command, in JavaScript that old versions of Node understand.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This is Node ${process.versions.node}, too old to run Gatehouse. On Linux x64 "npm ci" installs the right one; elsewhere install Node 24 or later.`,
  );
  process.exit(1);
}
