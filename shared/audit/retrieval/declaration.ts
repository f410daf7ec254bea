/** Longer lines are data or minified code; what is declared in them is not looked for. */
export const longestLine = 400;

const modifiers =
  '(?:(?:export|default|public|private|protected|internal|static|async|abstract|final|sealed|pub|override|readonly|declare|partial|virtual|open|data|suspend|unsafe|inline|extern|local)(?:\\(\\w+\\))?\\s+)*';
const keyword = new RegExp(
  `^\\s*${modifiers}(function\\*?|class|interface|enum|struct|record|trait|type|module|namespace|def|fn|func|fun|object|impl|protocol|const|let|var|val|sub|create\\s+table(?:\\s+if\\s+not\\s+exists)?)\\s+(?:\\([^()]*\\)\\s*)?[\`"[]?([\\w$.]+)`,
  'i',
);
const typed =
  /^\s*(?:(?:public|private|protected|internal|static|async|final|override|virtual|abstract|synchronized|readonly)\s+)+(?:[\w$<>[\],.?]+\s+)+([\w$]+)\s*[({=;]/;
const method =
  /^\s*(?:async\s+|static\s+|get\s+|set\s+)?[#*]?([A-Za-z_$][\w$]*)\s*(?:<[^<>]*>)?\([^;]*\{\s*$/;
const assigned =
  /^\s*(?:[\w$]+\.)*([A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:function\b|class\b|lambda\b|\([^()]*\)\s*=>|[\w$]+\s*=>)/;
const member =
  /^\s*(?:readonly\s+|(?:private|public|protected)\s+)*['"]?([A-Za-z_$][\w$-]*)['"]?\??\s*(?::(?!:)|=(?![=>]))/;
const control =
  /^(?:if|for|foreach|while|switch|catch|return|function|else|do|try|with|using|lock|elif|match|await|throw|new|super|in|of|and|or|not|case|default|import|from)$/;

/** A name that a line of code declares. */
export interface Declaration {
  name: string;
  /** `type` has members, `function` a body; `value` is a constant, variable, field or key. */
  kind: 'type' | 'function' | 'value';
}

const typeWords = /^(?:class|interface|enum|struct|record|trait|type|object|protocol|impl|create)/i;
const functionWords = /^(?:function\*?|def|fn|func|fun|sub)$/i;

/** What a line declares, by the forms that most languages share; undefined where it declares nothing. */
export function declarationOf(line: string): Declaration | undefined {
  if (line.length > longestLine) return undefined;
  const keyed = keyword.exec(line);
  if (keyed) {
    const [, word = '', name = ''] = keyed;
    if (typeWords.test(word)) return { name, kind: 'type' };
    const isFunction =
      functionWords.test(word) || /=\s*(?:async\s*)?(?:function\b|\(|[\w$]+\s*=>)/.test(line);
    return { name, kind: isFunction ? 'function' : 'value' };
  }
  const field = typed.exec(line)?.[1];
  if (field) return { name: field, kind: /\(/.test(line) ? 'function' : 'value' };
  const called = method.exec(line)?.[1] ?? assigned.exec(line)?.[1];
  if (called && !control.test(called)) return { name: called, kind: 'function' };
  const named = member.exec(line)?.[1];
  return named && !control.test(named) ? { name: named, kind: 'value' } : undefined;
}

/** Columns before the first character that is no space; a tab counts as four. */
export function indentOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') columns++;
    else if (char === '\t') columns += 4;
    else break;
  }
  return columns;
}
