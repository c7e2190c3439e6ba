using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace KgOrleans.Storage.Sqlite;

/// <summary>Orleans grain storage in one SQLite file, for a single silo: durable when a write returns.</summary>
/// <remarks>
/// Semantics follow the official Azure Blob provider: a write without ETag requires that nothing is stored, one with an ETag that it matches; otherwise
/// <see cref="InconsistentStateException"/>. ETags are never reused. A clear with an ETag of a state that is gone is a conflict too.
/// </remarks>
public sealed partial class SqliteGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly string _name;
    private readonly SqliteGrainStorageOptions _options;
    private readonly IActivatorProvider _activators;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteGrainStorage> _logger;
    private SqliteStateStore? _store;

    /// <summary>Creates the provider; the file is opened by the silo's lifecycle.</summary>
    public SqliteGrainStorage(
        string name, SqliteGrainStorageOptions options, IActivatorProvider activators, TimeProvider time, ILogger<SqliteGrainStorage> logger)
    {
        _name = name;
        _options = options;
        _activators = activators;
        _time = time;
        _logger = logger;
    }

    private SqliteStateStore Store =>
        _store ?? throw new StorageException($"Grain storage '{_name}' is not open: the silo is starting or stopping.", isTransient: true);

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var row = await Store.ReadAsync(stateName, grainId.ToString(), cancellationToken);
        var state = row is { Payload.Length: > 0 } found ? Read<T>(found) : default;
        grainState.State = state ?? Fresh<T>();
        grainState.RecordExists = state is not null;
        grainState.ETag = Format(row?.Version);
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        byte[] payload = Bytes(_options.GrainStorageSerializer.Serialize(grainState.State));
        if (payload.Length > _options.MaxStateBytes)
        {
            throw new StorageException(
                $"State '{stateName}' of {grainId} has {payload.Length} bytes; grain storage '{_name}' takes at most "
                    + $"{_options.MaxStateBytes}.", isTransient: false);
        }
        var version = await ChangeAsync("write", stateName, grainId, payload, grainState.ETag, cancellationToken);
        grainState.ETag = Format(version);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        byte[]? payload = _options.DeleteStateOnClear ? null : [];
        var version = await ChangeAsync("clear", stateName, grainId, payload, grainState.ETag, cancellationToken);
        grainState.ETag = Format(version);
        grainState.RecordExists = false;
        grainState.State = Fresh<T>();
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe($"{nameof(SqliteGrainStorage)}-{_name}", _options.InitStage, OpenAsync, CloseAsync);

    /// <summary>Opens the file, unless it is open. The silo's lifecycle does so; whoever calls it earlier learns earlier what is wrong with the file.</summary>
    /// <exception cref="StorageException">The file is in use, damaged, foreign, of another service, or of a newer version.</exception>
    public Task OpenAsync(CancellationToken cancellationToken) => _store is not null
        ? Task.CompletedTask
        : Task.Run(
            () =>
            {
                _store = SqliteStateStore.Open(_options, _time);
                LogOpened(_name, _options.Path);
            },
            cancellationToken);

    /// <summary>Closes the file, also of a silo that never started.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync(CancellationToken.None);

    private static byte[] Bytes(BinaryData data) =>
        MemoryMarshal.TryGetArray(data.ToMemory(), out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : data.ToArray();

    private T? Read<T>(StateRow row) => (row.Damage, _options.GrainStorageSerializer) switch
    {
        (null, var serializer) => serializer.Deserialize<T>(BinaryData.FromBytes(row.Payload)),
        (var damage, StateJsonSerializer json) => json.StandIn<T>(damage),
        var (damage, _) => throw damage,
    };

    private static string? Format(long? version) => version?.ToString(CultureInfo.InvariantCulture);

    private async Task<long?> ChangeAsync(
        string operation, string stateName, GrainId grainId, byte[]? payload, string? etag, CancellationToken cancellationToken)
    {
        // A version is above 0: an ETag that is not one of ours, as left by another provider, matches nothing.
        long? expected = string.IsNullOrEmpty(etag) ? null
            : long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : 0;
        var result = await Store.WriteAsync(stateName, grainId.ToString(), payload, expected, cancellationToken);
        if (result.Applied)
            return result.Version;
        LogConflict(operation, stateName, grainId, etag, result.Version);
        throw new InconsistentStateException(
            $"The {operation} of state '{stateName}' of {grainId} in grain storage '{_name}' found another version than it expected.",
            storedEtag: Format(result.Version) ?? "none",
            currentEtag: etag!);
    }

    private T Fresh<T>() => _activators.GetActivator<T>().Create();


    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        var store = Interlocked.Exchange(ref _store, null);
        if (store is not null)
            await store.DisposeAsync();
    }

    [LoggerMessage(1, LogLevel.Information, "Grain storage {Name} is open on {File}.")]
    private partial void LogOpened(string name, string file);

    [LoggerMessage(2, LogLevel.Warning, "Conflict in the {Operation} of state {StateName} of {GrainId}: expected ETag {Expected}, stored {Stored}.")]
    private partial void LogConflict(string operation, string stateName, GrainId grainId, string? expected, long? stored);
}
