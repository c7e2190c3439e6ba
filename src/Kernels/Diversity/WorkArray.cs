using System.Diagnostics.CodeAnalysis;

namespace KgOrleans.Kernels.Diversity;

/// <summary>Arrays of workspaces, which grow with the largest call and are kept for the next.</summary>
public static class WorkArray
{
    /// <summary>
    /// Makes an array at least as long as asked; a longer one than before is half as long again, so that slowly growing calls allocate seldom.
    /// </summary>
    /// <param name="array">The array; null counts as empty.</param>
    /// <param name="length">Least length.</param>
    /// <param name="keep">Whether a longer array starts with the contents of the old one; without it they are lost.</param>
    public static void Grow<T>([NotNull] ref T[]? array, int length, bool keep = false)
    {
        var old = array ?? [];
        if (array is not null && old.Length >= length)
            return;
        array = new T[Math.Max(length, (int)Math.Min(Array.MaxLength, 3L * old.Length / 2))];
        if (keep)
            old.CopyTo(array, 0);
    }
}
