namespace KgOrleans.Ranking.Catalogue;

/// <summary>Embedding spaces: a second one is filled beside the first, and takes its place.</summary>
public sealed partial class Partition
{
    /// <summary>
    /// Starts to keep a second vector of every item, and of the recall head if the space has one, of another embedding space; rows have none there
    /// until they are given one. Seen with the next <see cref="Publish"/>. Writer only.
    /// </summary>
    /// <param name="spaceId">Id of the space.</param>
    /// <param name="dimension">Components of an item vector.</param>
    /// <param name="recallDimension">Components of a vector of its recall head; 0 for none.</param>
    /// <exception cref="InvalidOperationException">There are two spaces already, or none.</exception>
    /// <exception cref="ArgumentException">The space is the primary one.</exception>
    public void AddSpace(string spaceId, int dimension, int recallDimension = 0)
    {
        if (_primary is null)
            throw new InvalidOperationException("a partition without item vectors has no second space");
        if (_second is not null)
            throw new InvalidOperationException($"spaces {_primary.Id} and {_second.Id} are both in use");
        if (_primary.Id == spaceId)
            throw new ArgumentException($"space {spaceId} is the primary one", nameof(spaceId));
        var space = NewSpace(spaceId, dimension, recallDimension);
        for (var rows = 0; rows < _rows.RowCount; rows += _layout.Rows)
            space.AddChunk();
        _second = space;
    }

    /// <summary>
    /// Gives the newest row of an item its vectors in the second space; false when there is no such item. An empty one stands for "none". Readers
    /// never look at that space before <see cref="SwitchSpaces"/>. Writer only.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no second space, or it was the primary one and may still be read.</exception>
    public bool Fill(ulong key, ReadOnlySpan<float> vector, ReadOnlySpan<float> recall = default)
    {
        if (_second is null || _second.IsServed)
            throw new InvalidOperationException("there is no second space to fill");
        var row = _rows.Newest(key);
        if (row < 0 || !_states.IsLive(row))
            return false;
        _second.Write(row, vector, recall);
        return true;
    }

    /// <summary>Makes the second space the primary one, and the primary the second, with the next <see cref="Publish"/>. Writer only.</summary>
    /// <exception cref="InvalidOperationException">There is no second space.</exception>
    public void SwitchSpaces() => (_primary, _second) = (_second ?? throw new InvalidOperationException("there is no second space"), _primary);

    /// <summary>Drops the second space with the next <see cref="Publish"/>; its memory is freed when no view reads it. Writer only.</summary>
    /// <exception cref="InvalidOperationException">There is no second space.</exception>
    public void DropSecondSpace()
    {
        (_second ?? throw new InvalidOperationException("there is no second space")).Retire();
        _second = null;
    }

    private static void Check(SpaceColumns? space, ReadOnlySpan<float> vector, ReadOnlySpan<float> recall)
    {
        if (space is not null)
            space.Check(vector, recall);
        else if (vector.Length + recall.Length > 0)
            throw new ArgumentException($"an item vector of {Math.Max(vector.Length, recall.Length)} components, there is no space for it", nameof(vector));
    }

    private SpaceColumns NewSpace(string? id, int dimension, int recallDimension) => new(_memory, id, dimension, recallDimension, _settings.ChunkShift);

    private SpaceColumns? EmptyCopy(SpaceColumns? space) => space is null ? null : NewSpace(space.Id, space.Dimension, space.Head?.Dimension ?? 0);
}
