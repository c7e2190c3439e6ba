using System.Globalization;

namespace KgOrleans.Import.Sets;

/// <summary>Whole numbers as data sets write them. A column with gaps comes out of pandas as floats: <c>9155697141.0</c>.</summary>
public static class WholeNumber
{
    /// <summary>The digits of a whole number that is not negative; null for any other text.</summary>
    public static string? Digits(string text)
    {
        var point = text.IndexOf('.');
        var digits = point < 0 ? text : text[..point];
        var isWhole = point < 0 || text.AsSpan(point + 1).IndexOfAnyExcept('0') < 0;
        return isWhole && digits.Length > 0 && digits.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? digits : null;
    }

    /// <summary>Reads a whole number that is not negative; false for any other text.</summary>
    public static bool TryRead(string text, out long value) =>
        long.TryParse(Digits(text), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
