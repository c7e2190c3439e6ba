using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;

namespace KgOrleans.Cli.Import;

/// <summary><c>kg import hetrec-lastfm</c>.</summary>
public static class ImportHetRecCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "hetrec-lastfm", "HetRec 2011 Last.fm: hetrec2011-lastfm-2k.zip as GroupLens distributes it (artists, plays, friends, tags).");
        var options = new SetOptions().AddTo(command);
        var share = new Option<double>("--hold-out")
        {
            Description = "Share of each user's artists, below 1, that is not imported but written to --hold-out-file.",
            DefaultValueFactory = _ => 0,
        };
        var seed = new Option<long>("--seed") { Description = "Seed of the choice.", DefaultValueFactory = _ => 1 };
        var file = new Option<string?>("--hold-out-file") { Description = "NDJSON file for the plays held out." };
        command.Options.Add(share);
        command.Options.Add(seed);
        command.Options.Add(file);
        command.Run((parsed, terminal, cancellation) =>
        {
            var holdOut = new HistoryHoldOut(parsed.GetValue(share), parsed.GetValue(seed));
            if (!(holdOut.Share is >= 0 and < 1))
                throw new InputException("--hold-out: must be at least 0 and below 1");
            if (holdOut.Share > 0 != parsed.GetValue(file) is not null)
                throw new InputException("--hold-out and --hold-out-file go together");
            return options.RunAsync(parsed, terminal, parsed.GetValue(file), (folder, ids) => HetRecLastFm.Read(folder, ids, holdOut), cancellation);
        });
        return command;
    }
}
