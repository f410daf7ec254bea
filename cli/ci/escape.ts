/** Text in a command of GitHub Actions. */
export const githubText = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** Text in a logging command of Azure Pipelines. */
export const azureText = (text: string) =>
  text
    .replaceAll('%', '%AZP25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(']', '%5D')
    .replaceAll(';', '%3B');

/** Text out of a property of a command of GitHub Actions, and into one. */
export const fromGithubProperty = (text: string) =>
  text.replace(/%(25|0D|0A|3A|2C)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
export const githubProperty = (text: string) =>
  githubText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Text out of a property of a logging command of Azure Pipelines; `azureText` puts it into one. */
export const fromAzureProperty = (text: string) =>
  text.replace(/%(AZP25|0D|0A|5D|3B)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code.replace(/^AZP/i, ''), 16)),
  );
