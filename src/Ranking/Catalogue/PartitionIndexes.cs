namespace KgOrleans.Ranking.Catalogue;

/// <summary>Inverted indexes of a partition: the values of its fields, and the rows that have them. Languages, tones and worlds have columns only.</summary>
internal sealed class PartitionIndexes(PartitionMemory memory, TextHeap names, IntHeap lists)
{
    public SymbolIndex Creators { get; } = new(memory, names, lists);

    public SymbolIndex Songs { get; } = new(memory, names, lists);

    public SymbolIndex Tags { get; } = new(memory, names, lists);

    public SymbolIndex Communities { get; } = new(memory, names, lists);

    /// <summary>Names of features.</summary>
    public SymbolIndex Features { get; } = new(memory, names, lists);

    public SymbolIndex Regions { get; } = new(memory, names, lists);

    public SymbolIndex Languages { get; } = new(memory, names, lists);

    public SymbolIndex Tones { get; } = new(memory, names, lists);

    public SymbolIndex Worlds { get; } = new(memory, names, lists);

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var index in (ReadOnlySpan<SymbolIndex>)[Creators, Songs, Tags, Communities, Features, Regions, Languages, Tones, Worlds])
            index.Retire();
    }
}
