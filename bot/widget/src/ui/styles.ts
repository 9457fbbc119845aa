// A style sheet for a shadow root: adopted where the engine can. Elsewhere rule by rule into an empty element, which a
// strict CSP allows where it would refuse the same rules as the element's text.
export function dress(root: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch (e) {
    const style = document.createElement('style');
    root.append(style);
    for (const rule of css.match(/[^{}]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g) || []) {
      try {
        (style.sheet as CSSStyleSheet).insertRule(rule, (style.sheet as CSSStyleSheet).cssRules.length);
      } catch (unknown) {
        /* a rule for engines that came later */
      }
    }
  }
}
