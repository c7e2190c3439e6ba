using KgOrleans.Storage.Sqlite;

namespace KgOrleans.Lab.State;

/// <summary>Where grain states lie.</summary>
internal interface IStatePlace : IAsyncDisposable
{
    /// <summary>Every state; cleared ones are left out.</summary>
    IAsyncEnumerable<StoredGrainState> ReadAsync(CancellationToken cancellation);

    /// <summary>Adds a state that is not there yet; an existing one is left alone.</summary>
    /// <returns>Null when the state was added, else what is there.</returns>
    Task<byte[]?> AddAsync(StoredGrainState state, CancellationToken cancellation);
}
