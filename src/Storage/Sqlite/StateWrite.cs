namespace KgOrleans.Storage.Sqlite;

/// <summary>One conditional change waiting for the writer.</summary>
/// <param name="name">State name.</param>
/// <param name="grainId">Grain id.</param>
/// <param name="payload">New bytes, or null to delete.</param>
/// <param name="expected">The version that must be stored, or null when nothing must be.</param>
internal sealed class StateWrite(string name, string grainId, byte[]? payload, long? expected)
{
    private readonly TaskCompletionSource<StateWriteResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name { get; } = name;

    public string GrainId { get; } = grainId;

    public byte[]? Payload { get; } = payload;

    public long? Expected { get; } = expected;

    public StateWriteResult Result { get; set; }

    public Task<StateWriteResult> Task => _completion.Task;

    public void Complete() => _completion.SetResult(Result);

    public void Fail(Exception failure) => _completion.SetException(failure);
}

/// <summary>Outcome of a conditional change.</summary>
/// <param name="Applied">Whether the condition held.</param>
/// <param name="Version">When applied, the new version; else the version that is stored, or null when there is none.</param>
internal readonly record struct StateWriteResult(bool Applied, long? Version);
