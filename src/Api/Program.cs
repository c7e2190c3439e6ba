using KgOrleans.Api.Demo;
using KgOrleans.Api.Hosting;
using KgOrleans.Silo;

var demo = DemoMode.IsAsked(args, out var settings);
try
{
    // Settings lie beside the program, wherever it is started from. They are validated once, so that nothing watches their files.
    string[] arguments = ["--hostBuilder:reloadConfigOnChange=false", .. settings];
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
    if (demo)
        builder.AddDemo();
    builder.AddKgSilo();
    builder.AddKgApi();
    var app = builder.Build();
    app.MapKgApi();
    await app.StartAsync();
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (StartRefusal.Describe(exception) is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 1;
}
