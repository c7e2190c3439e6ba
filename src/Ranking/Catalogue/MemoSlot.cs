namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// A place beside a chunk where one layer above keeps what it computed from the chunk. The catalogue owns the lifetime and never looks inside: later
/// views share the slot until the chunk changes.
/// </summary>
internal sealed class MemoSlot
{
    private IMemo? _memo;

    /// <summary>A slot of a chunk.</summary>
    /// <param name="before">The slot from before the chunk changed; null for a new chunk.</param>
    public MemoSlot(MemoSlot? before) => _memo = before is null ? null : Volatile.Read(ref before._memo)?.AfterChange();

    /// <summary>The memo, made when it is asked for first. All callers of a slot ask for the same type.</summary>
    public T Of<T>()
        where T : class, IMemo, new()
    {
        if (Volatile.Read(ref _memo) is { } kept)
            return (T)kept;
        var made = new T();
        return (T?)Interlocked.CompareExchange(ref _memo, made, null) ?? made;
    }
}
