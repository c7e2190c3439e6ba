using Spectre.Console;

namespace KgOrleans.CommandLine;

/// <summary>
/// Other people's text (ids, titles, tags, descriptions) for a terminal: never markup, and no control characters, which would drive the reader's terminal.
/// </summary>
public static class SafeText
{
    /// <summary>The text; line breaks stay, other control characters show as U+FFFD.</summary>
    public static Text Of(string text) => new(string.Create(text.Length, text, static (clean, source) =>
    {
        for (var i = 0; i < clean.Length; i++)
            clean[i] = char.IsControl(source[i]) && source[i] != '\n' ? '\uFFFD' : source[i];
    }));
}
