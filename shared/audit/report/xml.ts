/** Characters that XML 1.0 cannot hold, not even escaped. Lone halves of pairs were mended before. */
const impossible = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const escaped = (text: string, marks: RegExp) =>
  text
    .toWellFormed()
    .replace(impossible, '\ufffd')
    .replace(marks, (mark) => entities[mark] ?? mark);

/** Text between tags. */
export const xmlText = (text: string): string => escaped(text, /[&<>\r]/g);

type Attributes = Readonly<Record<string, string | number>>;

/** An element: `content` is XML already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(String(value), /[&<>"'\t\n\r]/g)}"`,
  );
  return content === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${content}</${name}>`;
}
