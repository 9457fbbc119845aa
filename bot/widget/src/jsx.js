// What JSX becomes; esbuild puts it into each file.
export { Fragment, h } from 'preact';
