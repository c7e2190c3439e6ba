using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The columns of one chunk. A row is written once, before a view that contains it is published, and never changes after that.</summary>
internal readonly unsafe struct ChunkColumns(nint start, ChunkLayout layout)
{
    public const byte HiddenFlag = 1;
    public const byte ContentFlag = 2;

    private readonly byte* _start = (byte*)start;

    public ulong* Keys => (ulong*)At(0);

    /// <summary>Unix milliseconds; <see cref="long.MinValue"/> for an item that never ages.</summary>
    public long* PublishedAt => (long*)At(8);

    /// <summary>Unix milliseconds; <see cref="long.MaxValue"/> for an item that never expires.</summary>
    public long* ExpiresAt => (long*)At(16);

    /// <summary>Position of the item's document in the shard's log.</summary>
    public long* LogPositions => (long*)At(24);

    /// <summary>The item's version: what callers know as its ETag.</summary>
    public long* Versions => (long*)At(32);

    public int* Creators => (int*)At(40);

    public int* Songs => (int*)At(44);

    public int* Regions => (int*)At(48);

    public int* Languages => (int*)At(52);

    public int* Tones => (int*)At(56);

    public int* Worlds => (int*)At(60);

    /// <summary>Row of the same item before this one; -1 for its first.</summary>
    public int* Previous => (int*)At(64);

    /// <summary>Address of the id in the text heap.</summary>
    public uint* Ids => (uint*)At(68);

    /// <summary>Address of the list of tags and communities; 0 without any.</summary>
    public uint* Lists => (uint*)At(72);

    /// <summary>Seconds; NaN if unknown.</summary>
    public float* Durations => (float*)At(76);

    /// <summary>0..1; NaN if unknown.</summary>
    public float* Qualities => (float*)At(80);

    public byte* Kinds => At(84);

    public byte* Flags => At(85);

    /// <summary>What each tag of the row counts: <see cref="TagShare"/>.</summary>
    public byte* TagShares => At(86);

    /// <summary>Scales of content vectors, where there are any.</summary>
    public float* ContentScales => (float*)At(ChunkLayout.FixedBytes);

    /// <summary>Codes of the content vector of a place.</summary>
    public Span<sbyte> ContentCodesOf(int place) =>
        new(At(ChunkLayout.FixedBytes + sizeof(float)) + ((nint)place * layout.ContentDimension), layout.ContentDimension);

    /// <summary>Residuals of the content vector of a place.</summary>
    public Span<sbyte> ContentResidualsOf(int place) =>
        new(At(ChunkLayout.FixedBytes + sizeof(float) + layout.ContentDimension) + ((nint)place * layout.ContentDimension), layout.ContentDimension);

    public bool IsHidden(int place) => (Flags[place] & HiddenFlag) != 0;

    public ItemKind KindOf(int place) => (ItemKind)Kinds[place];

    private byte* At(int bytesBefore) => _start + ((nint)bytesBefore << layout.Shift);
}
