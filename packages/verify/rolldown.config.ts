// One file that runs on plain Node 20: nothing to install for whoever verifies.

import { defineConfig } from "rolldown";

export default defineConfig({
  input: "src/main.ts",
  platform: "node",
  output: { file: "dist/niivo-verify.js", format: "cjs" },
  plugins: [
    {
      name: "type-of-the-folder",
      // Within the repository a .js file would count as an ES module; alone in a folder it does not.
      generateBundle() {
        this.emitFile({ type: "asset", fileName: "package.json", source: '{"type":"commonjs"}\n' });
      },
    },
  ],
});
