export type Shell = "bash" | "zsh" | "fish";

/** The completion script of each shell. All of them run `img complete` for every word. */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `_img() {
  local line; COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
    else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <(img complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _img img
`,
  zsh: `#compdef img
_img() {
  local line; local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then _files
    else found+=("\${\${line//:/\\\\:}/$'\\t'/:}"); fi
  done < <(img complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe img found
}
if [[ $funcstack[1] == _img ]]; then _img "$@"; else compdef _img img; fi
`,
  fish: `function __img_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (img complete -- $words[2..] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c img -f -a '(__img_complete)'
`,
};
