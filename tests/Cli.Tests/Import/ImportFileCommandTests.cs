using System.Text;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Import.Upload;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Cli.Tests.Import;

[Trait("Suite", "Unit")]
public sealed class ImportFileCommandTests : ServiceTests
{
    [Fact]
    public async Task A_bad_line_is_refused_alone_with_its_number()
    {
        var file = Folder.Write("items.ndjson", $$"""
            {"itemId":"a","creatorId":"c","kind":"audio"}

            {"itemId":"b","creatorId":"c","kind":"audio"
            {"itemId":"c","creatorId":"c","kind":"audio","quality":7}
            {"itemId":"d","creatorId":"c","kind":"audio","title":"{{new string('x', Limits.DocumentBytes)}}"}
            {"itemId":"e","creatorId":"c","kind":"audio"}
            """);
        var run = await CliRun.OfAsync("import", "items", file, "--url", Service.Url);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Equal(["a", "e"], Service.Items.Keys.Order());
        Assert.Contains("line 3:", run.Out);
        Assert.Contains("line 4: quality", run.Out);
        Assert.Contains($"line 5: has more than {Limits.DocumentBytes} bytes", run.Out);
    }

    [Fact]
    public async Task Line_numbers_hold_past_the_first_call()
    {
        var lines = Enumerable.Range(1, DocumentUpload.LinesPerCall + 10).Select(i => i == DocumentUpload.LinesPerCall + 5 ? "{}" : $$"""{"userId":"u{{i}}"}""");
        var file = Folder.Write("users.ndjson", string.Join('\n', lines));
        var run = await CliRun.OfAsync("import", "users", file, "--url", Service.Url);
        Assert.Equal(DocumentUpload.LinesPerCall + 9, Service.Users.Count);
        Assert.Contains($"line {DocumentUpload.LinesPerCall + 5}:", run.Out);
        Assert.Equal(2, Service.Calls);
    }

    [Fact]
    public async Task A_line_that_is_refused_for_a_passing_reason_is_sent_again()
    {
        Service.BusyOnce("b");
        var run = await CliRun.OfAsync("import", "users", Folder.Write("users.ndjson", """
            {"userId":"a"}
            {"userId":"b"}
            """), "--url", Service.Url);
        Assert.Equal((ExitCode.Ok, 2), (run.Exit, Service.Calls));
        Assert.Equal(["a", "b"], Service.Users.Keys.Order());
    }

    [Fact]
    public async Task Events_are_checked_line_by_line_and_sent_in_order()
    {
        await CliRun.OfAsync("import", "items", Folder.Write("i", """{"itemId":"a","creatorId":"c","kind":"audio"}"""), "--url", Service.Url);
        var file = Folder.Write("events.ndjson", """
            {"userId":"u","itemId":"a","type":"impression","timestamp":"2026-01-01T00:00:00Z"}
            {"userId":"u","itemId":"a","type":"dance"}
            {"userId":"u","itemId":"a","type":"play","value":3}
            {"userId":"u","itemId":"nowhere","type":"like"}
            {"userId":"u","itemId":"a","type":"like","colour":"red"}
            null
            {"userId":"u","itemId":"a","type":"play","value":0.5,"timestamp":"2026-01-01T00:00:01Z"}
            """);
        var run = await CliRun.OfAsync("import", "events", file, "--url", Service.Url, "--json");
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Equal([null, 0.5], Service.Events.Select(e => e.Value));
        var upload = JsonDocument.Parse(run.Out).RootElement.GetProperty("uploads")[0];
        Assert.Equal((7, 2, 5), (upload.GetProperty("sent").GetInt32(), upload.GetProperty("accepted").GetInt32(), upload.GetProperty("rejected").GetInt32()));
        var examples = upload.GetProperty("reasons").EnumerateArray().SelectMany(
            r => r.GetProperty("examples").EnumerateArray()).Select(e => e.GetString()![..6]).Order();
        Assert.Equal(["line 2", "line 3", "line 4", "line 5", "line 6"], examples);
    }

    [Theory]
    [InlineData("""{"userId":"u","itemId":"a"}""", "required", "type: is required")]
    [InlineData("""{"userId":"u","itemId":"a","type":"like, play"}""", "unknownValue", "type: must be one of impression, play")]
    [InlineData("""{"userId":"u","itemId":"a","type":"LIKE"}""", "unknownValue", "type: must be one of impression, play")]
    [InlineData("""{"userId":"u","itemId":"a","type":1}""", "unknownValue", "type: must be one of impression, play")]
    [InlineData("""{"userId":"u","itemId":"a","type":"play","value":"1"}""", "wrongType", "value: must be a number")]
    [InlineData("""{"userId":"u","itemId":"a","type":"play","vlaue":1}""", "unknownMember", "vlaue: is not known")]
    [InlineData("""{"userId":"u u","type":"dance"}""", "unknownValue",
        "type: must be one of impression, play, like, follow, share, comment, gift, dislike, skip, report; userId: must be")]
    [InlineData("""{"userId":"u","itemId":""", "invalidJson", "itemId: is not valid JSON at line 1, byte ")]
    [InlineData("null", "wrongType", "$: must be an object")]
    public async Task An_event_that_theService_refuses_is_refused_here_with_the_same_code(string line, string code, string message)
    {
        var run = await CliRun.OfAsync("import", "events", Folder.Write("e", line), "--url", Service.Url, "--json");
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Empty(Service.Events);
        var reason = Assert.Single(JsonDocument.Parse(run.Out).RootElement.GetProperty("uploads")[0].GetProperty("reasons").EnumerateArray());
        Assert.Equal(code, reason.GetProperty("reason").GetString());
        Assert.StartsWith("line 1: " + message, reason.GetProperty("examples")[0].GetString());
        Assert.DoesNotContain("System.", run.Out);
    }

    [Theory]
    [InlineData("items", """{"itemId":"a","creatorId":"c","kind":"audio"}""", """{"itemId":"b","creatorId":"c","kind":"audio"}""")]
    [InlineData("users", """{"userId":"a"}""", """{"userId":"b"}""")]
    public async Task Two_files_with_byte_order_marks_may_be_joined(string sort, string first, string second)
    {
        var run = await CliRun.OfAsync("import", sort, Folder.Write("both", $"\uFEFF{first}\n\uFEFF{second}\n"), "--url", Service.Url);
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Equal(["a", "b"], Service.Items.Keys.Concat(Service.Users.Keys).Order());
    }

    [Fact]
    public async Task A_missing_file_is_wrong_usage()
    {
        var run = await CliRun.OfAsync("import", "items", Path.Combine(Folder.Path, "none"), "--url", Service.Url);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("no such file", run.Error);
    }

    [Fact]
    public async Task Lines_come_out_whatever_the_chunks_they_come_in()
    {
        var text = "\uFEFF{\"a\":1}\r\n\n  \n\uFEFF{\"b\":\"é\"}\n" + new string('y', 2 * Limits.DocumentBytes) + "\n{\"c\":3}";
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var chunk in (int[])[1_021, 4_096, bytes.Length])
        {
            var lines = new List<(string, string?)>();
            await foreach (var line in NdjsonLine.ReadAsync(new Trickle(bytes, chunk), CancellationToken.None))
                lines.Add((line.Name, line.Utf8 is null ? null : Encoding.UTF8.GetString(line.Utf8)));
            Assert.Equal([("line 1", "{\"a\":1}"), ("line 4", "{\"b\":\"é\"}"), ("line 5", null), ("line 6", "{\"c\":3}")], lines);
        }
    }

    private sealed class Trickle(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }
}
