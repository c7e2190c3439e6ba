using System.Text;

namespace KgOrleans.Import.Sets;

/// <summary>Turns a tag as people type it into an id.</summary>
public static class TagId
{
    private const int Longest = 64;

    // Latin-1 from U+00C0 to U+00FF; the two signs of multiplication and division have no letter.
    private const string Latin1 = "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";

    /// <summary>
    /// Lower case, runs of white space become one '-', accents are dropped, other characters that ids cannot hold vanish. Empty when nothing is left.
    /// </summary>
    public static string From(string text)
    {
        var id = new StringBuilder(text.Length);
        foreach (var c in text.Trim())
        {
            if (id.Length >= Longest)
                break;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':' or '-')
                id.Append(char.ToLowerInvariant(c));
            else if (char.IsWhiteSpace(c) && id.Length > 0 && id[^1] != '-')
                id.Append('-');
            else if (c == 'ß')
                id.Append("ss");
            else if (c is >= 'À' and <= 'ÿ' and not ('×' or '÷'))
                id.Append(Latin1[c - 'À']);
        }
        return id.ToString().Trim('-');
    }
}
