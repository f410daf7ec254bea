import { longestLine } from '../retrieval/declaration.ts';
import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Turns } from '../turns.ts';

/** A setting that the source reads. */
export interface ReadSetting {
  name: string;
  file: string;
  /** 0-based. */
  line: number;
}

const reads = [
  /\b(?:process|Bun|import\.meta)\.env(?:\.|\[\s*['"`])([A-Za-z_]\w*)/g,
  /\b(?:os\.)?(?:environ(?:\.get\(|\[)|getenv\()\s*['"]([A-Za-z_]\w*)/g,
  /\bos\.(?:Getenv|LookupEnv)\(\s*"([A-Za-z_]\w*)/g,
  /\bSystem\.getenv\(\s*"([A-Za-z_]\w*)/g,
  /\bGetEnvironmentVariable\(\s*"([A-Za-z_]\w*)/g,
  /\bENV(?:\[|\.fetch\()\s*['"]([A-Za-z_]\w*)/g,
  /\benv::var(?:_os)?\(\s*"([A-Za-z_]\w*)/g,
  /\benv(?:\.get\(|\(|\[|\.)\s*['"]?([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g,
  /\b(?:[Cc]onfig(?:uration)?|settings|viper)\w*(?:\[|\.(?:get\w*|Get\w*|value)\()\s*['"]([\w.:-]+)['"]/g,
  /@Value\(\s*"\$\{([\w.-]+)/g,
  /\benv(?:ironment)?[Vv]ar(?:iable)?\w*\(\s*['"]([A-Za-z_]\w*)/g,
];
const keyOfSettings = /^\s*['"]?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)['"]?\s*:/;
const settingsFile = /(?:^|\/)[^/]*(?:config|settings|env)[^/]*(?:\/|\.\w+$)/i;
const destructured = /\{([^{}=]*)\}\s*=\s*process\.env\b/;

/** The settings that a tree reads from its environment or configuration, each once for a file. */
export async function settingsOf(files: readonly IndexedFile[], turns: Turns): Promise<ReadSetting[]> {
  const found = new Map<string, ReadSetting>();
  for (const file of files) {
    if (file.isTest) continue;
    const isSettings = settingsFile.test(file.path);
    for (let line = 0; line < file.lineCount; line++) {
      if (line % 64 === 0) await turns.giveWay();
      const text = file.line(line);
      if (
        text.length > longestLine ||
        !/env|config|settings|viper|@Value|[A-Z]_/i.test(text) ||
        file.isComment(line)
      )
        continue;
      for (const name of namesIn(text, isSettings)) {
        const key = `${file.path}\0${name}`;
        if (!found.has(key)) found.set(key, { name, file: file.path, line });
      }
    }
  }
  return [...found.values()];
}

function namesIn(text: string, isSettings: boolean): string[] {
  const names = reads.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  const taken = destructured.exec(text)?.[1]?.match(/[A-Za-z_]\w*/g) ?? [];
  const key = isSettings ? keyOfSettings.exec(text)?.[1] : undefined;
  return [...names, ...taken, ...(key ? [key] : [])];
}
