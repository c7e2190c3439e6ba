using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Keys;
using Orleans.Storage;

namespace KgOrleans.Grains.Tests;

/// <summary>Grain storage in memory. Its writes wait behind a gate, and a test can change what is stored without the grain.</summary>
internal sealed class GatedStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly ConcurrentDictionary<string, (byte[] Json, int Version)> _states = new();
    private TaskCompletionSource _gate = Opened();
    private int _waiting;

    /// <summary>Writes that wait behind the gate.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether writes fail at once.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Whether reads fail at once.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether a write that waits behind the gate ends when it is given up; otherwise it goes on unheard.</summary>
    public bool ObeysCancellation { get; set; }

    /// <summary>The stored document of a user; null when there is none.</summary>
    public string? DocumentOf(string userId) => _states.TryGetValue("user/user/" + userId, out var state) ? Encoding.UTF8.GetString(state.Json) : null;

    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate.TrySetResult();

    /// <summary>Stores another document under a new version, as a second activation would.</summary>
    public void Replace(string userId, Func<string, string> change) => ReplaceState("user/user/" + userId, change);

    /// <summary>As <see cref="Replace"/>, of any grain: name of the state, then the grain's id.</summary>
    public void ReplaceState(string key, Func<string, string> change) =>
        _states.AddOrUpdate(
            key,
            _ => throw new InvalidOperationException(),
            (_, old) => (Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(old.Json))), old.Version + 1));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (IsAway)
            throw new IOException("the store is away");
        var known = _states.TryGetValue($"{stateName}/{grainId}", out var stored);
        var json = new Storage.StateJsonSerializer(KgJson.Options, Grains.Users.UnreadableUser.StandIn);
        grainState.State = known ? json.Deserialize<T>(BinaryData.FromBytes(stored.Json))! : Activator.CreateInstance<T>();
        grainState.ETag = known ? stored.Version.ToString(CultureInfo.InvariantCulture) : null;
        grainState.RecordExists = known;
        return Task.CompletedTask;
    }

    /// <summary>A write that is given up while it waits behind the gate is not done, as by a store that obeys.</summary>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        WriteAsync(stateName, grainId, grainState, ObeysCancellation ? cancellationToken : CancellationToken.None);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteAsync(stateName, grainId, grainState, CancellationToken.None);

    private async Task WriteAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (IsBroken)
            throw new IOException("the store is away");
        var json = JsonSerializer.SerializeToUtf8Bytes(grainState.State, KgJson.Options);
        Interlocked.Increment(ref _waiting);
        await _gate.Task.WaitAsync(cancellationToken);
        Interlocked.Decrement(ref _waiting);
        var expected = grainState.ETag is null ? 0 : int.Parse(grainState.ETag, CultureInfo.InvariantCulture);
        var written = _states.AddOrUpdate($"{stateName}/{grainId}", _ => (json, 1), (_, old) => old.Version == expected ? (json, expected + 1) : old);
        if (written.Json != json)
            throw new InconsistentStateException("another wrote", written.Version.ToString(CultureInfo.InvariantCulture), grainState.ETag);
        grainState.ETag = written.Version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    // Orleans asks every provider of a silo: this one has nothing to open.
    public void Participate(ISiloLifecycle lifecycle)
    {
    }

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}
