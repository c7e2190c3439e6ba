using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The item vectors of one embedding space, chunk by chunk: codes, scales and residuals. Rows are padded with zeros to a multiple of 16 components.
/// The vectors of a recall head are columns of their own, which are added, copied and dropped with the space.
/// </summary>
internal sealed unsafe class SpaceColumns
{
    private readonly PartitionMemory _memory;
    private readonly int _shift;

    /// <summary>An empty space; with 0 recall components it has no head.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The dimension has no 8-bit path.</exception>
    public SpaceColumns(PartitionMemory memory, string? id, int dimension, int recallDimension, int shift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, Int8Rows.LargestDimension);
        _memory = memory;
        _shift = shift;
        Id = id;
        Dimension = dimension;
        Width = (dimension + Int8Rows.DimensionStep - 1) / Int8Rows.DimensionStep * Int8Rows.DimensionStep;
        if (recallDimension != 0)
            Head = new SpaceColumns(memory, id, recallDimension, 0, shift);
    }

    private SpaceColumns(SpaceColumns other)
        : this(other._memory, other.Id, other.Dimension, 0, other._shift)
    {
        Head = other.Head?.Snapshot();
        (Codes, Scales, Residuals, LargestScale) = (other.Codes, other.Scales, other.Residuals, other.LargestScale);
    }

    public string? Id { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimension { get; }

    /// <summary>The item vectors of the recall head; null without one.</summary>
    public SpaceColumns? Head { get; }

    /// <summary>Components of a row in memory.</summary>
    public int Width { get; }

    public nint[] Codes { get; private set; } = [];

    public nint[] Scales { get; private set; } = [];

    public nint[] Residuals { get; private set; } = [];

    /// <summary>No row has a larger scale.</summary>
    public float LargestScale { get; private set; }

    /// <summary>Whether a view has served it: its published rows are then never written again.</summary>
    public bool IsServed { get; private set; }

    /// <summary>Bytes of a row, without those of the recall head.</summary>
    public int RowBytes => (2 * Width) + sizeof(float);

    public Int8Table Table(int rowCount) => new(Codes, Scales, Residuals, _shift, rowCount);

    /// <summary>The columns for a view: the writer's later chunks do not show in it.</summary>
    public SpaceColumns Snapshot() => new(this);

    /// <summary>A view is about to serve it.</summary>
    public void MarkServed() => IsServed = true;

    /// <summary>Makes room for one more chunk, whose rows have no vector yet. Writer only.</summary>
    public void AddChunk()
    {
        Head?.AddChunk();
        // The first chunk stays on small pages, so that a small partition is small.
        var start = _memory.Allocate((long)RowBytes << _shift, huge: Codes.Length > 0);
        var plane = (nint)Width << _shift;
        Codes = [.. Codes, start];
        Residuals = [.. Residuals, start + plane];
        Scales = [.. Scales, start + (2 * plane)];
        new Span<float>((void*)Scales[^1], 1 << _shift).Fill(float.NaN);
    }

    /// <summary>Writes the vectors of a row that no reader reads yet. An empty one stands for "none": its row never wins. Writer only.</summary>
    /// <exception cref="ArgumentException">A vector has another dimension; nothing is written.</exception>
    public void Write(int row, ReadOnlySpan<float> vector, ReadOnlySpan<float> recall)
    {
        Check(vector, recall);
        Write(row, vector);
        Head?.Write(row, recall);
    }

    /// <summary>Refuses vectors of other dimensions.</summary>
    /// <exception cref="ArgumentException">A vector has another dimension.</exception>
    public void Check(ReadOnlySpan<float> vector, ReadOnlySpan<float> recall)
    {
        if (!vector.IsEmpty && vector.Length != Dimension)
            throw new ArgumentException($"an item vector of {vector.Length} components, space {Id} has {Dimension}", nameof(vector));
        if (!recall.IsEmpty && recall.Length != (Head?.Dimension ?? 0))
            throw new ArgumentException($"a vector of the recall head of {recall.Length} components, space {Id} has {Head?.Dimension ?? 0}", nameof(recall));
    }

    /// <summary>Copies the vector of a row from other columns of the same space. Writer only.</summary>
    public void Copy(int row, SpaceColumns from, int other)
    {
        Head?.Copy(row, from.Head!, other);
        var (chunk, place) = (row >> _shift, (nint)(row & ((1 << _shift) - 1)));
        var (otherChunk, otherPlace) = (other >> _shift, (nint)(other & ((1 << _shift) - 1)));
        var scale = ((float*)from.Scales[otherChunk])[otherPlace];
        ((float*)Scales[chunk])[place] = scale;
        Buffer.MemoryCopy((sbyte*)from.Codes[otherChunk] + (otherPlace * Width), (sbyte*)Codes[chunk] + (place * Width), Width, Width);
        Buffer.MemoryCopy((sbyte*)from.Residuals[otherChunk] + (otherPlace * Width), (sbyte*)Residuals[chunk] + (place * Width), Width, Width);
        LargestScale = MathF.Max(LargestScale, float.IsNaN(scale) ? 0 : scale);
    }

    /// <summary>The vector of a row, as re-scoring sees it; NaN where there is none.</summary>
    public void Read(int row, Span<float> vector)
    {
        var (chunk, place) = (row >> _shift, (nint)(row & ((1 << _shift) - 1)));
        var scale = ((float*)Scales[chunk])[place];
        var at = place * Width;
        if (float.IsNaN(scale))
        {
            vector.Fill(float.NaN);
        }
        else
        {
            var codes = new ReadOnlySpan<sbyte>((sbyte*)Codes[chunk] + at, Dimension);
            var residuals = new ReadOnlySpan<sbyte>((sbyte*)Residuals[chunk] + at, Dimension);
            Int8Rows.Dequantise(codes, residuals, scale, vector);
        }
    }

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        Head?.Retire();
        foreach (var start in Codes)
            _memory.Retire(start);
    }

    private void Write(int row, ReadOnlySpan<float> vector)
    {
        var (chunk, place) = (row >> _shift, row & ((1 << _shift) - 1));
        ref var scale = ref ((float*)Scales[chunk])[place];
        if (vector.IsEmpty)
        {
            scale = float.NaN;
            return;
        }
        var at = (nint)place * Width;
        scale = Int8Rows.Quantise(vector, new Span<sbyte>((sbyte*)Codes[chunk] + at, Dimension), new Span<sbyte>((sbyte*)Residuals[chunk] + at, Dimension));
        LargestScale = MathF.Max(LargestScale, float.IsNaN(scale) ? 0 : scale);
    }
}
