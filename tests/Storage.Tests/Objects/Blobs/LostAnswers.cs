using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace KgOrleans.Storage.Tests.Objects.Blobs;

/// <summary>Loses the first answer to a request of each kind: the request was carried out, and the caller cannot know.</summary>
/// <param name="kinds">Parts of the queries of the kinds.</param>
internal sealed class LostAnswers(params string[] kinds) : HttpPipelinePolicy
{
    private readonly ConcurrentDictionary<string, bool> _left = new(kinds.Select(kind => KeyValuePair.Create(kind, true)));

    /// <summary>Whether every kind has lost one.</summary>
    public bool IsDone => _left.IsEmpty;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (kinds.FirstOrDefault(kind => message.Request.Uri.Query.Contains(kind, StringComparison.Ordinal)) is { } kind && _left.TryRemove(kind, out _))
            throw new IOException("the answer was lost");
    }
}
