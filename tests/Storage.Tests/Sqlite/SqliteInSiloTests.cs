using System.Text;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Sqlite;

[Trait("Suite", "Cluster")]
public sealed class SqliteInSiloTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string DatabaseFile => _directory.File("grains.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_grain_finds_its_state_in_the_next_silo_in_the_keyed_serializers_format()
    {
        for (int run = 1; run <= 3; run++)
        {
            await using var silo = await StartAsync();
            Assert.Equal(run, await silo.Grains.GetGrain<ICounterGrain>("a").Increment());
        }
        using var reader = SqliteStateReader.Open(DatabaseFile);
        var state = Assert.Single(reader.ReadAll());
        Assert.Equal(("count", "counter/a"), (state.StateName, state.GrainId));
        Assert.Equal("{\"value\":3}", Encoding.UTF8.GetString(state.Payload));
    }

    [Fact]
    public async Task A_damaged_file_or_bad_options_fail_the_start_of_the_silo()
    {
        await File.WriteAllTextAsync(DatabaseFile, new string('x', 10_000));
        Assert.Contains("damaged", (await Assert.ThrowsAnyAsync<Exception>(() => StartAsync())).ToString(), StringComparison.Ordinal);
        Assert.Contains("ReaderConnections", (await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(readers: 0))).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_service_is_refused()
    {
        await using (await StartAsync())
        {
            // The first to open the file owns it.
        }
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(service: "other"));
        Assert.Contains("belongs to service 'test', this is 'other'", refused.ToString(), StringComparison.Ordinal);
    }

    private Task<SiloHost> StartAsync(int readers = SqliteGrainStorageOptions.DefaultReaderConnections, string service = "test") => SiloHost.StartAsync(
        host => host.Services.AddKeyedSingleton<IGrainStorageSerializer>("users", new StateJsonSerializer()),
        silo => silo.AddSqliteGrainStorage("users", options =>
        {
            options.Path = DatabaseFile;
            options.ReaderConnections = readers;
        }),
        service);
}

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Increment();
}

public sealed class Count
{
    public int Value { get; set; }
}

[GrainType("counter")]
public sealed class CounterGrain([PersistentState("count", "users")] IPersistentState<Count> count) : Grain, ICounterGrain
{
    public async Task<int> Increment()
    {
        count.State.Value++;
        await count.WriteStateAsync();
        return count.State.Value;
    }
}
