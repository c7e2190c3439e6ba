using Azure.Storage.Blobs;

namespace Orleans.Storage;

/// <summary>Says which container a grain's state is in.</summary>
public interface IBlobContainerFactory
{
    /// <summary>The container of a grain's states.</summary>
    /// <param name="grainId">The grain.</param>
    BlobContainerClient GetBlobContainerClient(GrainId grainId);

    /// <summary>Opens what the factory needs, once, before any grain is served.</summary>
    /// <param name="client">The account.</param>
    Task InitializeAsync(BlobServiceClient client);
}
