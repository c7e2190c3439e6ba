namespace KgOrleans.Ranking.Catalogue;

/// <summary>Inverted indexes of a partition: which values its fields have, and which rows have them. Languages, tones and worlds have columns only.</summary>
internal sealed class PartitionIndexes(PartitionMemory memory, TextHeap names, IntHeap lists)
{
    public SymbolIndex Creators { get; } = new(memory, names, lists);

    public SymbolIndex Songs { get; } = new(memory, names, lists);

    public SymbolIndex Tags { get; } = new(memory, names, lists);

    public SymbolIndex Communities { get; } = new(memory, names, lists);

    public SymbolIndex Regions { get; } = new(memory, names, lists);

    public SymbolIndex Languages { get; } = new(memory, names, lists);

    public SymbolIndex Tones { get; } = new(memory, names, lists);

    public SymbolIndex Worlds { get; } = new(memory, names, lists);

    /// <summary>Gives all memory up.</summary>
    public void Retire()
    {
        foreach (var index in (ReadOnlySpan<SymbolIndex>)[Creators, Songs, Tags, Communities, Regions, Languages, Tones, Worlds])
            index.Retire();
    }
}
