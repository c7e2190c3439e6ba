using KgOrleans.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;

namespace KgOrleans.Storage.Tests.Sqlite;

/// <summary>A provider on a file in a temporary directory, opened and closed through its own lifecycle.</summary>
public sealed class SqliteFixture : IAsyncDisposable
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly TemporaryDirectory _directory = new();
    private readonly LifecycleStub _lifecycle = new();

    public SqliteFixture()
    {
        Options = new SqliteGrainStorageOptions { Path = _directory.File("grains.db"), GrainStorageSerializer = new StateJsonSerializer() };
    }

    public SqliteGrainStorageOptions Options { get; }

    public SqliteGrainStorage Storage { get; private set; } = null!;

    public string File => Options.Path;

    public async Task<SqliteGrainStorage> OpenAsync()
    {
        Storage = new SqliteGrainStorage(
            "test", Options, Services.GetRequiredService<IActivatorProvider>(), new FakeTimeProvider(), new ListLogger<SqliteGrainStorage>());
        Storage.Participate(_lifecycle);
        await _lifecycle.StartAsync();
        return Storage;
    }

    public Task CloseAsync() => _lifecycle.StopAsync();

    public async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public void ExecuteRaw(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _directory.Dispose();
    }

    /// <summary>Runs the one participant of these tests.</summary>
    private sealed class LifecycleStub : ISiloLifecycle, IDisposable
    {
        private ILifecycleObserver? _observer;

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observer = observer;
            return this;
        }

        public void Dispose() => _observer = null;

        public Task StartAsync() => _observer!.OnStart(CancellationToken.None);

        public Task StopAsync() => _observer?.OnStop(CancellationToken.None) ?? Task.CompletedTask;
    }
}
