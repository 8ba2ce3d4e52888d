// A WebKitGTK browser for WebKitWebDriver, run by gjs: what MiniBrowser does not give to a driver, a
// profile that outlives it and the storage that Safari has. Its arguments: "safari" or "none", and the folder.
import GLib from "gi://GLib";
import Gtk from "gi://Gtk?version=3.0";
import System from "system";
import WebKit2 from "gi://WebKit2?version=4.1";

const [storage, folder] = System.programArgs;
const ofSafari = [
  "FileSystem",
  "AccessHandle",
  "FileSystemWritableStream",
  "StorageAPI",
  "StorageAPIEstimate",
];

Gtk.init(null);
const context = new WebKit2.WebContext({
  website_data_manager: new WebKit2.WebsiteDataManager({
    base_data_directory: folder,
    base_cache_directory: folder,
  }),
});
const settings = new WebKit2.Settings({ enable_developer_extras: true });
const features = WebKit2.Settings.get_all_features();
for (let at = 0; at < features.get_length(); at++) {
  const feature = features.get(at);
  if (storage === "safari" && ofSafari.includes(feature.get_identifier())) {
    settings.set_feature_enabled(feature, true);
  }
}

context.set_automation_allowed(true);
context.connect("automation-started", (_, session) => {
  const info = new WebKit2.ApplicationInfo();
  info.set_name("webkit-browser");
  session.set_application_info(info);
  session.connect("create-web-view", () => {
    const view = new WebKit2.WebView({
      web_context: context,
      settings,
      is_controlled_by_automation: true,
    });
    const window = new Gtk.Window();
    window.set_default_size(1024, 768);
    view.connect("close", () => window.destroy());
    window.add(view);
    window.show_all();
    return view;
  });
});
GLib.MainLoop.new(null, false).run();
