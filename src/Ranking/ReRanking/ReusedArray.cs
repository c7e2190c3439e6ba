namespace KgOrleans.Ranking.ReRanking;

/// <summary>Arrays that a workspace keeps from one call to the next, so that a warm workspace allocates nothing.</summary>
internal static class ReusedArray
{
    /// <summary>Makes room for some elements; does nothing when there is room already.</summary>
    /// <param name="array">The array; null counts as empty.</param>
    /// <param name="length">Elements that it must hold.</param>
    /// <param name="keep">Whether the old elements are copied into a larger array; otherwise their values are lost.</param>
    public static void Reserve<T>(ref T[] array, int length, bool keep = false)
    {
        if (array is not null && array.Length >= length)
            return;
        var larger = new T[Math.Max(length, 2 * (array?.Length ?? 0))];
        if (keep)
            array?.CopyTo(larger, 0);
        array = larger;
    }
}
