using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>Orleans' own provider: where it fails a rule, the rule is wrong.</summary>
public sealed class MemoryStorageRules(StorageSilo silo) : StorageRules(silo, StorageSilo.Memory)
{
    protected override int WritesPerGrain => 5;
}

public sealed class SqliteStorageRules(StorageSilo silo) : DeletingRules(silo, StorageSilo.Sqlite);

public sealed class SqliteKeepingStorageRules(StorageSilo silo) : KeepingRules(silo, StorageSilo.SqliteKeep);

/// <summary>With Orleans' default serializer, which streams.</summary>
public sealed class AzureBlobStorageRules : DeletingRules
{
    public AzureBlobStorageRules(StorageSilo silo)
        : base(silo, StorageSilo.Azure) => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");

    // Azurite takes some hundred writes a second: a hundred each would be minutes for what five show as well.
    protected override int WritesPerGrain => 5;
}

/// <summary>With a keyed serializer that knows no streams.</summary>
public sealed class AzureBlobPooledStorageRules : DeletingRules
{
    public AzureBlobPooledStorageRules(StorageSilo silo)
        : base(silo, StorageSilo.AzurePooled) => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");

    protected override int WritesPerGrain => 1;
}

public sealed class AzureBlobKeepingStorageRules : KeepingRules
{
    public AzureBlobKeepingStorageRules(StorageSilo silo)
        : base(silo, StorageSilo.AzureKeep) => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
}
