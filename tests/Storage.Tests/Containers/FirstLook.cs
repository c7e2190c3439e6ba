using Azure.Core;
using Azure.Core.Pipeline;

namespace KgOrleans.Storage.Tests.Containers;

/// <summary>Holds each client's first answer about a container's properties back until all clients have theirs: all then act on the same old view.</summary>
internal sealed class FirstLook(int clients)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = clients;

    /// <summary>For the pipeline of one client.</summary>
    public HttpPipelinePolicy ForOneClient() => new Policy(this);

    private Task ArriveAsync()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
            _all.SetResult();
        return _all.Task;
    }

    private sealed class Policy(FirstLook look) : HttpPipelinePolicy
    {
        private int _looks;

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            var isProperties = message.Request.Method == RequestMethod.Get && message.Request.Uri.Query == "?restype=container";
            if (isProperties && Interlocked.Increment(ref _looks) == 1)
                await look.ArriveAsync();
        }
    }
}
