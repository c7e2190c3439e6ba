using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using KgOrleans.Storage.Logs.Blobs;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

/// <summary>A reader that goes along a segment makes few requests, and reads elsewhere are answered as ever.</summary>
public sealed class BlobReadAheadTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    private const int Window = 64 << 10;

    [Fact]
    public async Task A_reader_that_goes_along_a_segment_needs_few_requests_and_finds_what_was_appended_meanwhile()
    {
        var (medium, requests) = Open();
        byte[] content = Bytes(1, 5 << 20);
        await using var segment = await medium.CreateAsync("s-1", content, None);
        requests.Count = 0;
        byte[] window = new byte[Window];
        // Windows overlap, as those of a log do at records that they had in part.
        for (long offset = 0; offset + Window <= content.Length; offset += Window - 100)
        {
            await medium.ReadAsync("s-1", offset, window, None);
            Assert.Equal(content.AsSpan((int)offset, Window).ToArray(), window);
        }
        Assert.InRange(requests.Count, 3, 6);

        byte[] more = Bytes(2, 10);
        await segment.AppendAsync(content.Length, more, None);
        byte[] tail = new byte[20];
        await medium.ReadAsync("s-1", content.Length - 10, tail, None);
        Assert.Equal([.. content.AsSpan(content.Length - 10), .. more], tail);
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await medium.ReadAsync("s-1", content.Length + 5, new byte[10], None));
        await medium.DisposeAsync();
    }

    [Fact]
    public async Task Reads_here_and_there_by_several_readers_give_their_own_bytes()
    {
        var (medium, _) = Open();
        byte[][] contents = [Bytes(1, 3 << 20), Bytes(2, 3 << 20)];
        await (await medium.CreateAsync("s-0", contents[0], None)).DisposeAsync();
        await (await medium.CreateAsync("s-1", contents[1], None)).DisposeAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async reader =>
        {
            var random = new Random(reader);
            byte[] content = contents[reader % 2];
            int offset = 0;
            for (int i = 0; i < 30; i++)
            {
                byte[] window = new byte[random.Next(1, Window)];
                // Half of the readers go along, the others jump.
                offset = reader < 3 ? Math.Min(offset, content.Length - window.Length) : random.Next(content.Length - window.Length);
                await medium.ReadAsync($"s-{reader % 2}", offset, window, None);
                Assert.True(content.AsSpan(offset, window.Length).SequenceEqual(window), $"reader {reader}, read {i} at {offset}");
                offset += window.Length;
            }
        }));
        await medium.DisposeAsync();
    }

    private (BlobLogMedium Medium, RequestCount Requests) Open()
    {
        var options = new BlobLogOptions();
        var client = options.CreateClientOptions();
        var requests = new RequestCount();
        client.AddPolicy(requests, HttpPipelinePosition.PerCall);
        var container = new BlobServiceClient(Logs.Azurite.ConnectionString, client).GetBlobContainerClient(ContainerName);
        return (new BlobLogMedium(container, NewName(), options, Logger), requests);
    }

    private sealed class RequestCount : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count
        {
            get => Volatile.Read(ref _count);
            set => Volatile.Write(ref _count, value);
        }

        public override void OnSendingRequest(HttpMessage message) => Interlocked.Increment(ref _count);
    }
}
