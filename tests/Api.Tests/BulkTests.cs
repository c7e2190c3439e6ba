using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using CsCheck;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class BulkTests
{
    private const string Ndjson = "application/x-ndjson";

    [Fact]
    public async Task A_bad_line_is_rejected_alone()
    {
        await using var host = await ApiHost.StartAsync();
        var body = string.Join(
            '\n', Line("i1"), "{broken", "", Line("i2"),
            $$"""{"itemId":"i3","creatorId":"c","kind":"audio","title":"{{new string('x', Limits.DocumentBytes)}}"}""",
            """{"itemId":"i4","creatorId":"c","kind":"audio","quality":NaN}""", $$"""{"itemId":"{{new string('x', 5_000)}}","creatorId":"c","kind":"audio"}""", Line("i5"));

        var reply = await host.SendAsync("POST", "/v1/items", body, Ndjson);

        Assert.Equal(200, reply.Status);
        Assert.Equal((3, 4), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejectedCount").GetInt32()));
        var rejected = reply.Json.GetProperty("rejected").EnumerateArray().ToArray();
        Assert.Equal([2, 5, 6, 7], rejected.Select(r => r.GetProperty("line").GetInt32()));
        Assert.Equal(["invalidJson", "tooLong", "invalidJson", "invalidId"], rejected.Select(r => r.GetProperty("code").GetString()));
        Assert.StartsWith("quality: ", rejected[2].GetProperty("message").GetString());
        Assert.StartsWith("itemId: ", rejected[3].GetProperty("message").GetString());
        Assert.Equal(["i1", "i2", "i5"], host.Cluster.Items.Keys.Order());
    }

    [Fact]
    public async Task What_a_put_accepts_a_line_and_a_list_accept_up_to_the_largest_documents()
    {
        await using var host = await ApiHost.StartAsync();
        string[] ids = [.. Enumerable.Range(0, Limits.UserLinks).Select(i => $"{i:d5}".PadLeft(Limits.IdLength, 'x'))];
        var list = JsonSerializer.Serialize(ids);
        var weights = JsonSerializer.Serialize(ids.ToDictionary(id => id, _ => 123.45678901234567));
        var user = $$$"""{"userId":"u","follows":{{{list}}},"friends":{{{list}}},"communityIds":{{{list}}},"blockedCreatorIds":{{{list}}},"""
            + $$$""" "interests":{"tags":{{{weights}}},"songIds":{{{list}}},"creatorIds":{{{list}}}}}""";
        var vector = JsonSerializer.Serialize(Enumerable.Range(0, Limits.VectorLength).Select(i => -0.012345678901234567 * (i + 1)));
        var item = $$$"""{"itemId":"i","creatorId":"c","kind":"audio","vectors":{"a":{{{vector}}},"b":{{{vector}}},"c":{{{vector}}},"d":{{{vector}}}}}""";
        Assert.True(user.Length > 4 * Limits.JsonBody);

        foreach (var (path, id, document) in ((string, string, string)[])[("users", "u", user), ("items", "i", item)])
        {
            Assert.Equal(201, (await host.SendAsync("PUT", $"/v1/{path}/{id}", document)).Status);
            var line = await host.SendAsync("POST", "/v1/" + path, document + "\n", Ndjson);
            var array = await host.SendAsync("POST", "/v1/" + path, $"[{document}]");
            Assert.Equal((1, 1), (line.Json.GetProperty("accepted").GetInt32(), array.Json.GetProperty("accepted").GetInt32()));
        }
        Assert.Equal(host.Cluster.Users["u"].Json.Length, host.Cluster.Writes.First().Json.Length);
    }

    [Fact]
    public async Task A_line_of_several_mistakes_names_all()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/items", Line("i1") + "\n" + """{"itemId":"i2","kind":"mp3","quality":7}""", Ndjson);

        var rejected = Assert.Single(reply.Json.GetProperty("rejected").EnumerateArray());
        Assert.Equal("unknownValue", rejected.GetProperty("code").GetString());
        Assert.Equal(
            "kind: must be one of audio, video, live, room, song, user; creatorId: is required; quality: is 7, must be 0..1",
            rejected.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_bad_document_of_a_list_is_rejected_alone()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/users", """[{"userId":"u1"},{"userId":"u 2"},{"userId":"u3"}]""");

        Assert.Equal(2, reply.Json.GetProperty("accepted").GetInt32());
        Assert.Equal(2, Assert.Single(reply.Json.GetProperty("rejected").EnumerateArray()).GetProperty("line").GetInt32());
        Assert.Equal(["u1", "u3"], host.Cluster.Users.Keys.Order());
    }

    [Theory]
    [InlineData("/v1/items")]
    [InlineData("/v1/users")]
    public async Task Uploads_have_no_total_limit_and_keep_the_order_of_one_id(string path)
    {
        await using var host = await ApiHost.StartAsync();
        var body = new StringBuilder();
        // Three megabytes; every id is written four times, the title (or region) counts.
        for (var i = 0; i < 20_000; i++)
        {
            body.Append(path == "/v1/items"
                ? $$"""{"itemId":"x{{i % 5_000}}","creatorId":"c","kind":"audio","title":"v{{i / 5_000}}","tags":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}"""
                : $$"""{"userId":"x{{i % 5_000}}","region":"v{{i / 5_000}}","follows":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}""").Append('\n');
        }
        Assert.True(body.Length > 2 * Limits.JsonBody);

        var reply = await host.SendAsync("POST", path, body.ToString(), Ndjson);

        Assert.Equal(20_000, reply.Json.GetProperty("accepted").GetInt32());
        var last = path == "/v1/items" ? host.Cluster.Items : host.Cluster.Users;
        Assert.Equal(5_000, last.Count);
        Assert.All(last.Values, d => Assert.Contains("\"v3\"", Encoding.UTF8.GetString(d.Json)));
    }

    [Fact]
    public async Task Only_the_first_1000_rejections_are_listed()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/items", string.Concat(Enumerable.Repeat("x\n", 1_500)) + Line("i1"), Ndjson);

        Assert.Equal((1, 1_500), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejectedCount").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 1_000), reply.Json.GetProperty("rejected").EnumerateArray().Select(r => r.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task A_shard_that_does_not_answer_rejects_its_lines_and_no_others()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["shard 0"] = new TimeoutException();

        var reply = await host.SendAsync("POST", "/v1/items", string.Join('\n', Enumerable.Range(0, 100).Select(i => Line($"i{i}"))), Ndjson);

        var accepted = reply.Json.GetProperty("accepted").GetInt32();
        Assert.InRange(accepted, 1, 99);
        Assert.Equal(accepted, host.Cluster.Items.Count);
        Assert.Equal(100 - accepted, reply.Json.GetProperty("rejectedCount").GetInt32());
        Assert.All(reply.Json.GetProperty("rejected").EnumerateArray(), r => Assert.Equal("unavailable", r.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_user_whose_state_cannot_be_read_costs_an_upload_that_line_only()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["u7"] = new Storage.StorageException("damaged", isTransient: false);

        var reply = await host.SendAsync("POST", "/v1/users", string.Join('\n', Enumerable.Range(0, 50).Select(i => $"{{\"userId\":\"u{i}\"}}")), Ndjson);

        Assert.Equal((200, 49), (reply.Status, reply.Json.GetProperty("accepted").GetInt32()));
        var rejected = Assert.Single(reply.Json.GetProperty("rejected").EnumerateArray());
        Assert.Equal((8, "stateUnreadable"), (rejected.GetProperty("line").GetInt32(), rejected.GetProperty("code").GetString()));
        Assert.Equal(49, host.Cluster.Users.Count);
    }

    [Fact]
    public async Task A_shard_whose_log_cannot_be_read_costs_an_upload_its_lines_only()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["shard 0"] = new Storage.StorageException("damaged", isTransient: false);

        var reply = await host.SendAsync("POST", "/v1/items", string.Join('\n', Enumerable.Range(0, 100).Select(i => Line($"i{i}"))), Ndjson);

        Assert.Equal(200, reply.Status);
        Assert.InRange(host.Cluster.Items.Count, 1, 99);
        Assert.Equal(100 - host.Cluster.Items.Count, reply.Json.GetProperty("rejectedCount").GetInt32());
        Assert.All(reply.Json.GetProperty("rejected").EnumerateArray(), r => Assert.Equal("stateUnreadable", r.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_upload_of_which_nothing_could_be_written_is_a_503()
    {
        await using var host = await ApiHost.StartAsync();
        for (var shard = 0; shard < ApiHost.Shards; shard++)
            host.Cluster.Failures[$"shard {shard}"] = new TimeoutException();

        (await host.SendAsync("POST", "/v1/items", Line("i1"), Ndjson)).AssertProblem(503);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n\r\n")]
    public async Task An_upload_without_a_line_is_a_400(string body)
    {
        await using var host = await ApiHost.StartAsync();

        (await host.SendAsync("POST", "/v1/items", body, Ndjson)).AssertProblem(400, "$");
    }

    [Fact]
    public void Lines_come_out_whole_however_the_bytes_arrive() =>
        Gen.Select(
            Gen.Select(Gen.String[Gen.Char["ab\u00e9\r "], 0, 40], Gen.Bool).Array[0, 12],
            Gen.Int[1, 30].Array[1, 40],
            Gen.Bool).Sample((lines, chunks, endsWithNewline) => LinesComeOutWhole(lines, chunks, endsWithNewline), iter: 2_000);

    private static void LinesComeOutWhole((string Text, bool CarriageReturn)[] lines, int[] chunks, bool endsWithNewline)
    {
        const int max = 32;
        var text = string.Join('\n', lines.Select(l => l.Text + (l.CarriageReturn ? "\r" : ""))) + (endsWithNewline ? "\n" : "");
        var bytes = Encoding.UTF8.GetBytes(text);
        var expected = text.Split('\n').ToList();
        if (expected[^1].Length == 0)
            expected.RemoveAt(expected.Count - 1);
        var wanted = expected.Select(l => l.EndsWith('\r') ? l[..^1] : l).Select(l => Encoding.UTF8.GetByteCount(l) > max ? null : l);

        Assert.Equal(
            wanted,
            Read(new NdjsonLines(PipeReader.Create(new ChunkedStream(bytes, chunks), new StreamPipeReaderOptions(bufferSize: 16, minimumReadSize: 1)), max)));
    }

    private static List<string?> Read(NdjsonLines lines)
    {
        var read = new List<string?>();
        while (lines.MoveNextAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            read.Add(lines.TooLong ? null : Encoding.UTF8.GetString(lines.Current.Span));
            Assert.Equal(read.Count, lines.Number);
        }
        return read;
    }

    private static string Line(string id) => $$"""{"itemId":"{{id}}","creatorId":"c","kind":"audio"}""";

    private sealed class ChunkedStream(byte[] bytes, int[] chunks) : MemoryStream(bytes)
    {
        private int _read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunks[_read++ % chunks.Length])], cancellationToken);
    }
}
