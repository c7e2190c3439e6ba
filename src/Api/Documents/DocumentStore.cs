using KgOrleans.Api.Lanes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Documents;

/// <summary>What the endpoints need to know of one kind of document: how it is checked, and which grains hold it. One instance serves one request.</summary>
/// <typeparam name="TDocument">Type of the document.</typeparam>
/// <param name="lanes">Lanes of a bulk upload: batches that are written at once.</param>
/// <param name="batchSize">Documents of a full batch.</param>
internal abstract class DocumentStore<TDocument>(int lanes, int batchSize)
    where TDocument : class
{
    /// <summary>Who keeps a document, as the subject of "did not answer in time".</summary>
    public abstract string Keeper { get; }

    /// <summary>Id of a document.</summary>
    public abstract string IdOf(TDocument document);

    /// <summary>The document under another id.</summary>
    public abstract TDocument WithId(TDocument document, string id);

    /// <summary>What is wrong with a document.</summary>
    public abstract IReadOnlyList<FieldError> Validate(TDocument document);

    /// <summary>The answer to a GET; null when there is no such document.</summary>
    public abstract Task<IResult?> ReadAsync(HttpContext http, string id);

    /// <summary>Current version of a document; null when there is none.</summary>
    public abstract Task<long?> VersionAsync(string id, CancellationToken cancellationToken);

    /// <summary>Writes one document.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="id">Id of the document.</param>
    /// <param name="json">UTF-8 JSON of the document or merge patch; empty for a deletion.</param>
    /// <param name="ifMatch">Version that must be current; null for any.</param>
    /// <param name="cancellationToken">Ends the wait; the write may still be done.</param>
    public abstract Task<WriteResult> WriteAsync(WriteOperation operation, string id, byte[] json, long? ifMatch, CancellationToken cancellationToken);

    /// <summary>Lane of an id: documents of one id share one.</summary>
    public int LaneOf(string id) => Key64.Shard(Key64.Of(id), lanes);

    /// <summary>Starts a bulk upload.</summary>
    public BulkUpload StartUpload(BulkOutcome outcome, UploadTurns turns) => new(lanes, batchSize, WriteBatchAsync, outcome, turns);

    /// <summary>Puts a batch of one lane, in order; one result a document.</summary>
    protected abstract Task<WriteResult[]> WriteBatchAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken);
}
