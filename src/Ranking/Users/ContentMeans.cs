using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// The moving means of liked content. An event counts by its place among the liked items of the history, so that one that comes a little late moves the means
/// as if it had come in time, and one that is taken back leaves them. A mean does not know its parts, so events from long before its newest one stay out of a full
/// window: an import of old events would wash out what is liked today.
/// </summary>
internal static class ContentMeans
{
    // About the last 30 and the last 5 liked items.
    private const int LongWindow = 30;
    private const int ShortWindow = 5;

    // Clients that were offline for hours still count in full.
    private static readonly long Late = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>Adds an item to the means.</summary>
    /// <param name="state">State whose history holds the event, unless newer events fill it.</param>
    /// <param name="at">Time of the event, unix milliseconds.</param>
    /// <param name="content">Content of the item, not empty.</param>
    public static void Add(UserState state, long at, float[] content)
    {
        var (liked, later, newest) = Place(state, at);
        if (liked <= LongWindow || newest - at <= Late)
            state.ContentLong = Move(state.ContentLong, content, Weight(liked, later, LongWindow));
        if (liked <= ShortWindow || newest - at <= Late)
            state.ContentShort = Move(state.ContentShort, content, Weight(liked, later, ShortWindow));
    }

    /// <summary>Takes an item out of the means.</summary>
    /// <param name="state">State whose history still holds the event.</param>
    /// <param name="at">Time of the event, unix milliseconds.</param>
    /// <param name="content">Content of the item.</param>
    public static void Remove(UserState state, long at, float[] content)
    {
        var (liked, later, _) = Place(state, at);
        state.ContentLong = Without(state.ContentLong, content, Weight(liked, later, LongWindow));
        state.ContentShort = Without(state.ContentShort, content, Weight(liked, later, ShortWindow));
    }

    private static (int Liked, int Later, long Newest) Place(UserState state, long at)
    {
        var (liked, later, newest) = (0, 0, at);
        foreach (var entry in state.History)
        {
            if (!EventTypes.IsPositive(entry.Type, entry.Value))
                continue;
            liked++;
            later += entry.At > at ? 1 : 0;
            newest = Math.Max(newest, entry.At);
        }
        return (Math.Max(1, liked), later, newest);
    }

    /// <summary>
    /// Weight of a liked item with so many after it. The mean is plain until the window is full: with a fixed step the first item would keep a third of the
    /// weight for dozens of plays.
    /// </summary>
    private static float Weight(int liked, int later, int window) =>
        liked <= window ? 1f / liked : (float)(Math.Pow(1 - (1.0 / window), Math.Min(later, liked - window)) / window);

    private static float[] Move(float[] mean, float[] vector, float step)
    {
        if (mean.Length != vector.Length)
            return (float[])vector.Clone();
        var moved = new float[mean.Length];
        for (var i = 0; i < moved.Length; i++)
            moved[i] = mean[i] + (step * (vector[i] - mean[i]));
        return moved;
    }

    private static float[] Without(float[] mean, float[] vector, float weight)
    {
        if (mean.Length != vector.Length)
            return mean;
        return weight < 1 ? Move(mean, vector, -weight / (1 - weight)) : [];
    }
}
