/** The drawings of the later screens. */
import { addIcons } from '../icons'

addIcons({
  more: 'M5 12h.010M12 12h.010M19 12h.010',
  page: 'M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5',
  alert: 'M12 4l9 16H3zM12 10v4M12 17v.010',
  check: 'M5 12l5 5 9-10',
  clock: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3 2',
  down: 'M12 5v14M6 13l6 6 6-6',
  eye: 'M2 12c4-7 16-7 20 0-4 7-16 7-20 0zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
})
