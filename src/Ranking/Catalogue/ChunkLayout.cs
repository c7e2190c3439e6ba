namespace KgOrleans.Ranking.Catalogue;

/// <summary>Where the columns of a chunk lie: each is a run of one value per row, they follow one another, and all start on cache lines.</summary>
/// <param name="Shift">Rows of a chunk as a power of two, at least 6.</param>
/// <param name="ContentDimension">Components of a content vector.</param>
internal readonly record struct ChunkLayout(int Shift, int ContentDimension)
{
    /// <summary>Bytes of a row's fixed columns, content vector aside.</summary>
    public const int FixedBytes = 87;

    public int Rows => 1 << Shift;

    /// <summary>Bytes of a row.</summary>
    public int RowBytes => FixedBytes + (ContentDimension == 0 ? 0 : sizeof(float) + (2 * ContentDimension));

    /// <summary>Bytes of a chunk.</summary>
    public long Bytes => (long)RowBytes << Shift;
}
