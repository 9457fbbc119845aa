// Builds dist/widget.js from src/: one file for engines of 2019, with its styles and strings in it.
// `node build.mjs` writes it; `--check` says whether the file that stands there is what the source builds.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { minify } from 'terser';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, 'dist', 'widget.js');
const LIMIT = 25 * 1024;
const BANNER = '/*! 邻里通 Apache-2.0; Preact, MIT, Jason Miller */';

// Styles become a string in the bundle, shortened first: esbuild's own text loader would keep every space.
const styles = {
  name: 'styles',
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, 'utf8');
      const { code } = await esbuild.transform(css, { loader: 'css', minify: true, target: ['chrome73', 'safari12'] });
      return { contents: `export default ${JSON.stringify(code.trim())}`, loader: 'js' };
    });
  },
};

const { outputFiles } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ['src/index.ts'],
  bundle: true,
  write: false,
  format: 'iife',
  target: 'es2019',
  charset: 'utf8',
  legalComments: 'none',
  // The plain factory: the runtime that TypeScript checks against weighs 300 bytes more.
  tsconfigRaw: '{}',
  jsxFactory: 'h',
  jsxFragment: 'Fragment',
  inject: ['src/jsx.js'],
  plugins: [styles],
});
// esbuild bundles; terser shortens what it bundled by another 1,000 bytes gzipped.
const short = await minify(outputFiles[0].text, {
  ecma: 2019,
  compress: { passes: 3, pure_getters: true, unsafe: true },
  format: { comments: false, preamble: BANNER },
});
const built = short.code + '\n';
const zipped = gzipSync(built, { level: 9 }).length;
console.log(`widget.js ${built.length} characters, ${zipped} bytes gzipped (limit ${LIMIT})`);

if (process.argv.includes('--check')) {
  const there = await readFile(target, 'utf8').catch(() => '');
  if (there !== built) {
    console.error('dist/widget.js is not what src/ builds: run `npm run build` in bot/widget');
    process.exit(1);
  }
} else {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, built);
}
if (zipped > LIMIT) {
  console.error(`dist/widget.js is over its limit of ${LIMIT} bytes gzipped`);
  process.exit(1);
}
