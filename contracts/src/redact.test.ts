import { describe, expect, test } from "vitest";
import { redact, redactionRules, removed } from "./redact.ts";

// Every sample is made up. Long ones are put together here, so that no scanner takes this file for a leak.
const letters = (count: number) => "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z".repeat(9).slice(0, count);
const capitals = (count: number) => "A2BCDEF3GHIJKLMNOP4QRSTUV".repeat(2).slice(0, count);

const credentials: readonly (readonly [rule: string, text: string, secret: string])[] = [
  [
    "private-key",
    `here: -----BEGIN RSA PRIVATE KEY-----\n${letters(64)}\n-----END RSA PRIVATE KEY----- thanks`,
    letters(64),
  ],
  ["private-key", `-----BEGIN PRIVATE KEY-----\n${letters(80)} cut off`, letters(80)],
  ["json-in-base64", `SVC=ops_eyJ${letters(120)}`, letters(120)],
  ["refresh-token", `0.A${letters(40)}.${letters(120)}`, letters(120)],
  ["google-token", `ya29.${letters(60)}`, letters(60)],
  ["sendgrid-key", `SG.${letters(22)}.${letters(43)}`, letters(43)],
  ["bot-key", `the bot 123456789:A${letters(34)} is silent`, letters(34)],
  ["numbered-key", `app 123456789012345|${letters(27)}`, letters(27)],
  ["prefixed-token", `npm_${letters(36)}`, letters(36)],
  ["prefixed-token", `abc_local_${letters(40)}`, letters(40)],
  ["azure-key", `the key ${letters(86)}== was posted`, letters(86)],
  ["json-web-token", `I got eyJ${letters(20)}.eyJ${letters(30)}.${letters(40)} back`, letters(30)],
  ["azure-key", `AccountName=x;AccountKey=${letters(86)}==;EndpointSuffix=y`, letters(86)],
  [
    "azure-key",
    `Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=${letters(43)}=`,
    letters(43),
  ],
  ["connection-string", `Endpoint=sb://x/;SharedAccessKey=${letters(30)}`, letters(30)],
  ["connection-string", "Server=db;User Id=sa;Password=Winter-19-Sun;", "Winter-19-Sun"],
  ["shared-access-signature", `https://x.example/c?sv=1&sig=${letters(40)}%3D&se=2`, letters(40)],
  ["entra-client-secret", `the secret aB38Q~${letters(34)} expired`, letters(34)],
  ["aws-access-key", `AKIA${capitals(16)} does not work`, capitals(16)],
  ["github-token", `ghp_${letters(36)}`, letters(36)],
  ["github-token", `github_pat_${letters(60)}`, letters(60)],
  ["slack-token", `xoxb-1234567890-${letters(24)}`, letters(24)],
  ["slack-webhook", `https://hooks.slack.com/services/${letters(44)}`, letters(44)],
  ["stripe-key", `sk_live_${letters(24)}`, letters(24)],
  ["openai-key", `sk-proj-${letters(48)}`, letters(48)],
  ["google-key", `AIza${letters(35)}`, letters(35)],
  ["gitlab-token", `glpat-${letters(20)}`, letters(20)],
  ["authorization-header", `curl -H 'Authorization: Bearer ${letters(30)}'`, letters(30)],
  ["authorization-line", "curl -H 'Authorization: Basic YW5uYTp4Mg=='", "YW5uYTp4Mg=="],
  ["authorization-line", "Authorization: 5eb4-be67-c7b8", "5eb4-be67-c7b8"],
  ["command-line", "curl -s -u 'anna:Blue7sky' https://x.example", "Blue7sky"],
  ["secure-string", 'ConvertTo-SecureString "summer rain" -AsPlainText', "summer rain"],
  ["long-named-secret", `BACKUP_JOB_TOKEN=${letters(24)}`, letters(24)],
  ["long-named-secret", `Ocp-Apim-Subscription-Key: ${letters(32)}`, letters(32)],
  ["address-with-password", "ftp://anna:Blue-Sky-7@files.example/x", "Blue-Sky-7"],
  [
    "bitlocker-recovery-key",
    Array.from({ length: 8 }, (_, index) => `10000${index}`).join("-"),
    "100003",
  ],
  ["named-secret", `client_secret = "${letters(32)}"`, letters(32)],
  ["named-secret", `my api key: ${letters(24)}`, letters(24)],
  ["password-after-sign", "password: Sunny-Day-42", "Sunny-Day-42"],
  ["password-after-sign", "Password (old) = sunflower", "sunflower"],
  ["password-after-sign", "Passwort: Sommer2031!", "Sommer2031!"],
  ["password-after-sign", "mein Kennwort ist: Blumenwiese", "Blumenwiese"],
  ["password-after-sign", "mot de passe : soleil77", "soleil77"],
  ["password-after-sign", "pw:abc12", "abc12"],
  ["password-after-sign", "PIN: 482913", "482913"],
  ["password-on-next-line", "User: anna\nPassword:\n  Hunter-2-x\nRegards", "Hunter-2-x"],
  ["password-in-sentence", "my password is Sunny-Day-42, it fails", "Sunny-Day-42"],
  ["password-in-sentence", "das Passwort lautet Sommer2031!", "Sommer2031!"],
  ["password-in-sentence", "mon mot de passe est Soleil77", "Soleil77"],
  ["password-in-sentence", "The passcode is now 48291", "48291"],
  ["password-in-sentence", "la mia password è Estate2031!", "Estate2031!"],
  ["password-in-sentence", "Mein Initialpasswort war Winter77x", "Winter77x"],
  ["password-in-sentence", "ma parola d’accesso è ora Sole-77-x", "Sole-77-x"],
  ["password-set-to", "the password was changed to Sunny42day yesterday", "Sunny42day"],
  ["password-set-to", "Das Passwort wurde auf Sommer31x gesetzt", "Sommer31x"],
  ["password-set-to", "mon mot de passe a été changé en Soleil77x", "Soleil77x"],
  ["password-set-to", "la password è stata cambiata in Estate31x", "Estate31x"],
  ["password-beside-word", "log in as anna with password Blue#7sky please", "Blue#7sky"],
  ["password-beside-word", "mit dem Passwort Sommer!31x geht es nicht", "Sommer!31x"],
  ["password-in-quotes", 'my password is "summer"', "summer"],
  ["password-in-quotes", "mon mot de passe est « soleil »", "soleil"],
  ["password-in-quotes", "mein Passwort ist „sommer“", "sommer"],
];

const harmless: readonly string[] = [
  "I forgot my password",
  "Password expired",
  "Expired password during remote login",
  "password: expired",
  "Password: reset please",
  "My password is not working anymore.",
  "My password is expired!",
  "the password was changed yesterday",
  "Mein Passwort ist abgelaufen, bitte zurücksetzen",
  "Passwort: vergessen",
  "J'ai oublié mon mot de passe",
  "Mot de passe : oublié",
  "Account lockout after password change",
  "Please reset the password of lena.frei@contoso.example",
  "BitLocker recovery prompt",
  "The token expired and the secret is out",
  "token: expired yesterday",
  "I need a basic understanding of certificates",
  "The pin of the plug is bent",
  "https://portal.example/reset?user=anna&lang=de",
  "See ticket 6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0001 and task-1234567890",
  "-----BEGIN CERTIFICATE-----",
  "-----BEGIN OPENSSH PRIVATE KEY----------END OPENSSH PRIVATE KEY-----",
  "My password for Windows11 does not work on Outlook-2019",
  "Reset the password of anna.b2@contoso.example, please",
  "Password policy changed to version 12",
  "Le mot de passe a été changé en mars 2031",
  "La password è scaduta",
  "ho dimenticato la password: grazie",
  `https://teams.example/l/19:meeting_${letters(44)}@thread.v2`,
  `https://teams.example/l/19%3ameeting_${letters(44)}%40thread.v2`,
  "Set API_TOKEN=$TOKEN_OF_THE_BUILD in the pipeline",
  `ghp_${"x".repeat(36)} is where your token goes`,
  "AKIAIOSFODNN7EXAMPLE",
  "Authorization: required for this page",
  "curl -u username:token fails",
  "commit 43fc912ef59a83054ea7f6706df4d53a7dea4d80 broke it",
  "The credentials: none were given",
];

// What makes some rule begin again and again. Each takes under 30 ms on a laptop; the bound leaves room for
// a loaded machine and is a hundredth of what a quadratic rule would take.
const timeMaxMs = 500;
const beginnings = [
  ...["a-", "a_", "a.", "A1", "eyJa.", "eyJa", "1", "1|", "=", "  ", "\n", "0.A", "AIza", "x://a:"],
  ...["password ", "password: ", "password (", "passwort auf ", "the password was ", "password\n"],
  ...["secret: ", "token=", "secret", "curl -u ", "curl ", "Authorization: ", "Bearer "],
  ...["-----BEGIN PRIVATE KEY----- ", "-----BEGIN PRIVATE KEY-----", "ConvertTo-SecureString "],
  ...["mot de passe est « ", 'password is "', "aaaaaaaa_bbbbbbbb_", "xoxb-", "sk-", "sig=&"],
];

describe("redact", () => {
  test.each(credentials)("%s: %s", (rule, text, secret) => {
    const redacted = redact(text);
    expect(redacted.text).not.toContain(secret);
    expect(redacted.text).toContain(removed);
    expect(redacted.rules).toContain(rule);
  });

  test.each(harmless)("leaves alone: %s", (text) => {
    expect(redact(text)).toEqual({ text, rules: [] });
  });

  test("every rule has a sample", () => {
    expect(new Set(credentials.map(([rule]) => rule))).toEqual(
      new Set(redactionRules.map(({ name }) => name)),
    );
  });

  test("the words around a credential stay, and each of several is replaced", () => {
    expect(redact("Login fails. password: Blue-1, and pw=Green-2. Help!").text).toBe(
      `Login fails. password: ${removed} and pw=${removed} Help!`,
    );
  });

  test("what was replaced is not found again", () => {
    const once = redact(credentials.map(([, text]) => text).join("\n")).text;
    expect(redact(once)).toEqual({ text: once, rules: [] });
  });

  // 16 KiB are twice what a ticket may have. Nothing here may grow with the square of the length.
  test.each(beginnings)("16 KiB of %j end soon", (part) => {
    const text = part.repeat(Math.ceil((16 * 1024) / part.length));
    const started = performance.now();
    redact(text);
    expect(performance.now() - started).toBeLessThan(timeMaxMs);
  });
});
