// How Adaptive Cards look here: the colours are the style sheet's, so that both schemes follow by themselves.
// https://learn.microsoft.com/adaptive-cards/rendering-cards/host-config

const colours = {
  default: "text",
  dark: "text",
  light: "muted",
  accent: "accent",
  good: "good",
  warning: "warning",
  attention: "attention",
};

const foregroundColors = Object.fromEntries(
  Object.entries(colours).map(([name, colour]) => [
    name,
    {
      default: `var(--${colour})`,
      subtle: name === "default" ? "var(--muted)" : `var(--${colour})`,
    },
  ]),
);
const fontSizes = { small: 13, default: 15, medium: 17, large: 20, extraLarge: 24 };
const fontWeights = { lighter: 300, default: 400, bolder: 650 };

export const hostConfig = {
  supportsInteractivity: true,
  fontTypes: {
    default: { fontFamily: "inherit", fontSizes, fontWeights },
    monospace: {
      fontFamily: "ui-monospace, 'Cascadia Mono', Consolas, monospace",
      fontSizes: { ...fontSizes, default: 14 },
      fontWeights,
    },
  },
  spacing: { small: 4, default: 8, medium: 14, large: 20, extraLarge: 28, padding: 10 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  containerStyles: {
    default: { backgroundColor: "transparent", foregroundColors },
    emphasis: { backgroundColor: "var(--raised)", foregroundColors },
  },
  actions: {
    maxActions: 6,
    spacing: "default",
    buttonSpacing: 10,
    actionsOrientation: "horizontal",
    actionAlignment: "stretch",
  },
};
