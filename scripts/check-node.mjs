// Runs first in every npm script that runs TypeScript. Plain JavaScript, so that an old Node can still
// read it and say in one line what is wrong.

const needed = 24;
const major = Number(process.versions.node.split(".")[0]);
if (major < needed) {
  process.stderr.write(
    `NIIVO runs on Node ${needed}, which \`npm ci\` installs into node_modules; this is Node ${process.versions.node}. ` +
      "Run `npm ci` without --ignore-scripts, then use the npm scripts.\n",
  );
  process.exit(1);
}
