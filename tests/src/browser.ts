// A browser as far as the secret links' page needs one, by hand: a cookie jar with the rules that matter
// (`SameSite`, `HttpOnly` is moot), redirects followed one by one, forms read out of the page.

const callMs = 15_000;

/** What the emulated sign-in page lets one choose. */
export interface SignInChoice {
  readonly person: string;
  readonly mfa?: "yes" | "no";
  readonly authAgeSeconds?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** @param origin of the page; cookies of other hosts are not kept. */
export function browser(origin: string) {
  const jar = new Map<string, { readonly value: string; readonly sameSite: string }>();
  const send = async (
    method: string,
    url: string,
    more: {
      body?: URLSearchParams;
      headers?: Record<string, string>;
      fromElsewhere?: boolean;
    } = {},
  ): Promise<Answer> => {
    const isOurs = new URL(url).origin === origin;
    const sent = [...jar].filter(
      ([, { sameSite }]) => isOurs && !(more.fromElsewhere === true && sameSite === "Strict"),
    );
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        ...(sent.length === 0
          ? {}
          : { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join("; ") }),
        ...more.headers,
      },
      ...(more.body === undefined ? {} : { body: more.body }),
      signal: AbortSignal.timeout(callMs),
    });
    if (isOurs) for (const line of response.headers.getSetCookie()) keep(line);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const keep = (line: string) => {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value = ""] = pair.split("=");
    if (attributes.includes("Max-Age=0")) jar.delete(name);
    else {
      const sameSite = attributes.find((one) => one.startsWith("SameSite="))?.slice(9) ?? "Lax";
      jar.set(name, { value, sameSite });
    }
  };
  return {
    send,
    cookies: () => [...jar.values()].map(({ value }) => value),
    /** From the page's button through the emulated Entra and back. @returns the last page. */
    signIn: async (page: string, { person, mfa = "yes", authAgeSeconds = 0 }: SignInChoice) => {
      const departed = await send("POST", `${page}/sign-in`, { headers: { origin } });
      const authorize = departed.headers.get("location") ?? "";
      const picker = await send("GET", authorize);
      const form = new URLSearchParams(hiddenFields(picker.text));
      form.set("person", person);
      form.set("mfa", mfa);
      form.set("auth_age_seconds", String(authAgeSeconds));
      const action = authorize.slice(0, authorize.indexOf("?"));
      const back = await send("POST", action, { body: form });
      const location = back.headers.get("location");
      if (location === null) return back;
      return send("GET", location, { fromElsewhere: true });
    },
    reveal: (secretId: string, headers: Record<string, string> = { origin }) =>
      send("POST", `${origin}/v1/secrets/${secretId}/reveal`, { headers }),
  };
}

export type Browser = ReturnType<typeof browser>;

const hiddenFields = (page: string): [string, string][] =>
  [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = "", value = ""]) => [name, value.replaceAll("&amp;", "&")],
  );
